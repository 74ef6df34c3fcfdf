import { afterEach, describe, expect, it, vi } from "vitest";
import { problems, read, refusal, type Section } from "../fixture.ts";
import { aCertificate, EC } from "./a-certificate.ts";

const shop = aCertificate("DNS:shop.example.com,DNS:*.apps.example.com,IP:203.0.113.9");
const other = aCertificate("DNS:other.example.com", ["-newkey", "rsa:2048"]);
const ssl = { certificate_pem: "CERT", private_key_pem: ["KEY"] };
const secrets = { CERT: shop.cert, KEY: shop.key };
const host = "shop.example.com";
const refused = (changes: Section, problem: string) => expect(problems({ secrets, ...changes })).toEqual([`slipway:${problem}`]);

afterEach(() => {
  vi.useRealTimers();
});

describe("a custom certificate", () => {
  it("is two files of the proxy, named by their secrets, in a folder named by the content", () => {
    const { proxyFiles, roles } = read({ proxy: { host, ssl }, secrets });
    const [folder = ""] = Object.keys(proxyFiles);
    const at = `/home/kamal-proxy/.config/kamal-proxy/${folder}`;
    expect(folder).toMatch(/^slipway\/shop-production\/[0-9a-f]{12}$/);
    expect(proxyFiles).toEqual({
      [folder]: { "cert.pem": { from: "secret", secret: "CERT" }, "key.pem": { from: "secret", secret: "KEY" } },
    });
    expect(roles[0]?.proxy).toMatchObject({
      tls: { kind: "certificate", certificatePath: `${at}/cert.pem`, privateKeyPath: `${at}/key.pem` },
      forwardHeaders: false,
    });
  });

  it("is in another folder when it is renewed", () => {
    const renewed = aCertificate("DNS:shop.example.com");
    const folders = [shop, renewed].map(({ cert, key }) =>
      Object.keys(read({ proxy: { host, ssl }, secrets: { CERT: cert, KEY: key } }).proxyFiles),
    );
    expect(folders[0]).not.toEqual(folders[1]);
  });

  it("can be in the config itself, because it is public", () => {
    const { proxyFiles } = read({ proxy: { host, ssl: { ...ssl, certificate_pem: shop.cert } }, secrets });
    expect(Object.values(proxyFiles)).toMatchObject([{ "cert.pem": { from: "text", text: shop.cert } }]);
  });

  it("works on several hosts, for wildcards and addresses, with an RSA key and the issuers behind it", () => {
    const hosts = [host, "*.apps.example.com", "a.apps.example.com", "203.0.113.9"];
    expect(problems({ servers: ["203.0.113.10", "203.0.113.11"], proxy: { hosts, ssl }, secrets })).toEqual([]);
    const chain = { CERT: `${other.cert}${shop.cert}`, KEY: other.key };
    expect(problems({ proxy: { host: "other.example.com", ssl }, secrets: chain })).toEqual([]);
  });

  it("of a role is beside the root's", () => {
    const servers = {
      web: ["203.0.113.10"],
      admin: {
        hosts: ["203.0.113.10"],
        proxy: { host: "other.example.com", ssl: { certificate_pem: "C2", private_key_pem: "K2" } },
      },
    };
    const config = read({ servers, proxy: { host, ssl }, secrets: { ...secrets, C2: other.cert, K2: other.key } });
    expect(Object.keys(config.proxyFiles)).toHaveLength(2);
    expect(new Set(config.roles.map(({ proxy }) => proxy?.tls.kind))).toEqual(new Set(["certificate"]));
  });

  const set = (name: string) => `pulumi config set --secret --path 'slipway:secrets.${name}'`;
  const TOGETHER = "is required: a certificate needs its key, and a key its certificate";
  it.each<[string, Section, string]>([
    ["a certificate alone", { proxy: { host, ssl: { certificate_pem: "CERT" } } }, `proxy.ssl.private_key_pem ${TOGETHER}`],
    ["a key alone", { proxy: { host, ssl: { private_key_pem: "KEY" } } }, `proxy.ssl.certificate_pem ${TOGETHER}`],
    ["an unknown key", { proxy: { host, ssl: { ...ssl, cert: "x" } } }, "proxy.ssl.cert unknown key"],
    [
      "two names",
      { proxy: { host, ssl: { ...ssl, certificate_pem: ["A", "B"] } } },
      "proxy.ssl.certificate_pem should hold one name of a secret",
    ],
    [
      "a secret that is not set",
      { proxy: { host, ssl: { ...ssl, certificate_pem: "NOPE" } } },
      `proxy.ssl.certificate_pem NOPE is not set: ${set("NOPE")}`,
    ],
    [
      "text that is neither",
      { proxy: { host, ssl }, secrets: { ...secrets, CERT: "x" } },
      "proxy.ssl.certificate_pem is not a certificate in PEM format: -----BEGIN CERTIFICATE-----",
    ],
    [
      "a broken certificate",
      { proxy: { host, ssl }, secrets: { ...secrets, CERT: shop.cert.slice(0, 200) } },
      "proxy.ssl.certificate_pem is not a certificate in PEM format: -----BEGIN CERTIFICATE-----",
    ],
    [
      "a key that is none",
      { proxy: { host, ssl }, secrets: { ...secrets, KEY: shop.cert } },
      "proxy.ssl.private_key_pem is not a private key in PEM format without a passphrase",
    ],
    [
      "the key of another",
      { proxy: { host, ssl }, secrets: { ...secrets, KEY: other.key } },
      "proxy.ssl.private_key_pem is not the key of this certificate",
    ],
    [
      "a host that it is not for",
      { proxy: { hosts: [host, "www.example.com"], ssl } },
      "proxy.ssl.certificate_pem is not valid for www.example.com",
    ],
    [
      "a wildcard that it is not for",
      { proxy: { host: "*.example.com", ssl } },
      "proxy.ssl.certificate_pem is not valid for *.example.com",
    ],
    [
      "a name of its subject alone",
      { proxy: { host: "cn.example.com", ssl } },
      "proxy.ssl.certificate_pem is not valid for cn.example.com",
    ],
    ["no host", { proxy: { ssl } }, "proxy.ssl needs a host: a certificate is issued for a host name"],
    [
      "a path",
      { proxy: { host, ssl, path_prefix: "/a" } },
      "proxy.ssl needs the path prefix /: only a service at / can have a certificate",
    ],
    ["staging", { proxy: { host, ssl, ssl_staging: true } }, "proxy.ssl_staging needs ssl: true"],
    [
      "a key in plain text",
      { proxy: { host, ssl: { ...ssl, private_key_pem: shop.key } } },
      `proxy.ssl.private_key_pem is in plain text; store it encrypted: ${set("PRIVATE_KEY_PEM")} and write PRIVATE_KEY_PEM here`,
    ],
  ])("is refused with %s", (_, changes, problem) => refused(changes, problem));

  it("is refused with a key that needs a passphrase", () => {
    const { cert, key } = aCertificate(`DNS:${host}`, EC, ["-passout", "pass:hush"]);
    refused(
      { proxy: { host, ssl }, secrets: { CERT: cert, KEY: key } },
      "proxy.ssl.private_key_pem is not a private key in PEM format without a passphrase",
    );
  });

  it("is refused when it has expired, or does not hold yet", () => {
    vi.useFakeTimers({ now: Date.now() + 60 * 86_400_000, toFake: ["Date"] });
    expect(problems({ proxy: { host, ssl }, secrets })).toEqual([
      expect.stringMatching(/certificate_pem expired on \d{4}-\d\d-\d\d$/),
    ]);
    vi.setSystemTime(Date.now() - 120 * 86_400_000);
    expect(problems({ proxy: { host, ssl }, secrets })).toEqual([
      expect.stringMatching(/certificate_pem is not valid before \d{4}-\d\d-\d\d$/),
    ]);
  });

  it("is also checked for the names of a single host", () => {
    const hosts = { a: "203.0.113.10", b: { address: "203.0.113.11", proxy: { host: "b.example.com" } } };
    refused({ servers: { web: { hosts } }, proxy: { host, ssl } }, "proxy.ssl.certificate_pem is not valid for b.example.com");
  });

  it("shows nothing of the key in an error", () => {
    const body = other.key.split("\n")[1] ?? "";
    for (const KEY of [other.key, other.key.slice(0, 300), other.key.split("\n").slice(1, 5).join("\n")]) {
      expect(refusal({ proxy: { host, ssl }, secrets: { ...secrets, KEY } })).not.toContain(body.slice(0, 20));
      expect(refusal({ proxy: { host, ssl: { ...ssl, private_key_pem: KEY } }, secrets })).not.toContain(body.slice(0, 20));
    }
  });
});
