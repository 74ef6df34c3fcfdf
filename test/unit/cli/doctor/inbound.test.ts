import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { reportOn } from "../../../../cli/doctor/checks.ts";
import type { ReachedHost } from "../../../../cli/doctor/facts.ts";
import { proxyPorts } from "../../../../cli/doctor/inbound.ts";
import { knockInbound } from "../../../../providers/exposure/inbound.ts";
import { read } from "../../config/fixture.ts";
import { anOpenHost, facts, findingOf, known, SERVERS, unknown } from "./fixture.ts";

const inboundOf = (inbound: ReachedHost["inbound"]) => findingOf(reportOn(facts([anOpenHost({ inbound })])), "inbound");

describe("doctor: what visitors reach", () => {
  it("is fine where a port answers, or refuses because nothing listens there yet", () => {
    const inbound = [
      { port: 80, answer: "open" as const },
      { port: 443, answer: "closed" as const },
    ];
    expect(inboundOf(inbound)).toMatchObject({ result: "fine", found: "ports 80, 443 can be reached from this machine" });
  });

  it("is a warning where a port is silent, with what to open", () => {
    const inbound = [
      { port: 80, answer: "open" as const },
      { port: 443, answer: "silent" as const },
    ];
    expect(inboundOf(inbound)).toMatchObject({
      result: "warning",
      found: "port 443 of 203.0.113.10 does not answer this machine: a firewall in between drops its packets",
      next: expect.stringContaining("open TCP 443 for web-1 in the provider's firewall"),
    });
  });

  it("is unknown, not wrong, without a route", () => {
    expect(inboundOf([{ port: 80, answer: "unreachable" }])).toMatchObject({
      result: "warning",
      found: expect.stringMatching(/^unknown whether visitors reach port 80/),
    });
  });

  it("is asked of the ports that the proxy publishes, of HTTPS where it serves that", () => {
    expect(proxyPorts("web-1", read({ servers: SERVERS }))).toEqual([80]);
    expect(proxyPorts("web-1", read({ servers: SERVERS, proxy: { host: "shop.example", ssl: true } }))).toEqual([80, 443]);
    expect(proxyPorts("web-1", read({ servers: SERVERS, proxy: { run: { publish: false } } }))).toEqual([]);
    expect(proxyPorts("jobs-1", read({ servers: SERVERS }))).toEqual([]);
  });

  it("is not asked at a private address, which says nothing of visitors", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await knockInbound(["127.0.0.1"], [port])).toEqual([]);
    server.close();
  });
});

describe("doctor: what a name leads to for others", () => {
  const dnsOf = (here: readonly string[], elsewhere: Parameters<typeof known>[0] | undefined) =>
    findingOf(
      reportOn(
        facts(undefined, {
          names: [
            {
              name: "shop.example.com",
              acme: true,
              servedBy: ["web-1"],
              addresses: known(here),
              elsewhere: elsewhere === undefined ? unknown("no answer") : known(elsewhere as readonly string[]),
            },
          ],
        }),
      ),
      "dns",
    );

  it("is a warning where a public resolver says something else", () => {
    expect(dnsOf(["203.0.113.10"], ["198.51.100.7"])).toMatchObject({
      result: "warning",
      found: "shop.example.com → 203.0.113.10 for this machine; for a public resolver it leads to 198.51.100.7",
    });
    expect(dnsOf(["203.0.113.10"], [])?.found).toMatch(/for a public resolver it has no record$/);
  });

  it("is fine where it says the same, or cannot be asked from here", () => {
    expect(dnsOf(["203.0.113.10"], ["203.0.113.10"])).toMatchObject({ result: "fine" });
    expect(dnsOf(["203.0.113.10"], undefined)).toMatchObject({ result: "fine" });
  });
});
