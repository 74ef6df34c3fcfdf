import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { certificates } from "../../../../cli/status/certificate-lines.ts";
import { securedIn } from "../../../../cli/status/certificates.ts";
import type { CertificateReport, HostReport } from "../../../../cli/status/report.ts";

const aCertificate = (over: Partial<CertificateReport> = {}): CertificateReport => ({
  name: "shop.example",
  automatic: true,
  issuer: "Let's Encrypt R11",
  expires_at: "2026-04-02T12:00:00Z",
  days_left: 61,
  missing: null,
  ...over,
});

const shown = (...hosts: readonly (readonly [host: string, certificate: CertificateReport])[]): string[] =>
  certificates({
    hosts: hosts.map(([host, certificate]) => ({ host, certificates: [certificate] }) as unknown as HostReport),
  }).map(stripVTControlCharacters);

describe("the certificates on the status screen", () => {
  it("have their issuer, the days that are left, and their hosts", () => {
    const old = aCertificate({ expires_at: "2026-03-01T12:00:00Z", days_left: 29 });
    expect(shown(["web-1", aCertificate()], ["web-2", aCertificate()], ["web-3", old])).toEqual([
      "tls      shop.example: 61 days left (Let's Encrypt R11) on web-1, web-2",
      "tls      shop.example: 29 days left (Let's Encrypt R11) on web-3",
    ]);
  });

  it.each<[string, Partial<CertificateReport>, string, string]>([
    [
      "should have been renewed by the proxy",
      { days_left: 13 },
      "! shop.example: 13 days left",
      "check that shop.example leads to web-1",
    ],
    [
      "ends today",
      { days_left: 0 },
      "! shop.example: less than a day left",
      "the proxy renews it when a third of its life is left",
    ],
    [
      "is one's own and ends soon",
      { days_left: 1, automatic: false },
      "! shop.example: 1 day left",
      "set a new one in the secrets",
    ],
    ["has expired", { days_left: -1 }, "✘ shop.example: expired", "check that shop.example leads to web-1"],
  ])("say what to do about one that %s", (_what, over, line, next) => {
    const lines = shown(["web-1", aCertificate(over)]);
    expect(lines[0]).toContain(line);
    expect(lines[1]).toContain(`next: `);
    expect(lines[1]).toContain(next);
  });

  it("say why one is missing", () => {
    const missing = { why: "Let's Encrypt refused it: too many", next: "wait" };
    const none = aCertificate({ issuer: null, expires_at: null, days_left: null, missing });
    expect(shown(["web-1", none])).toEqual([
      "tls      ✘ shop.example: no certificate on web-1",
      "           Let's Encrypt refused it: too many",
      "           next: wait",
    ]);
  });
});

describe("names that are served over HTTPS", () => {
  it("are those of routes with TLS, each once", () => {
    const own = { kind: "certificate", certificatePath: "/c", privateKeyPath: "/k" } as const;
    expect(
      securedIn([
        { hosts: ["shop.example", "www.shop.example"], tls: { kind: "acme", staging: false } },
        { hosts: ["plain.example"], tls: { kind: "off" } },
        { hosts: ["admin.example", "shop.example"], tls: own },
      ]),
    ).toEqual([
      { name: "admin.example", automatic: false },
      { name: "shop.example", automatic: false },
      { name: "www.shop.example", automatic: true },
    ]);
  });
});
