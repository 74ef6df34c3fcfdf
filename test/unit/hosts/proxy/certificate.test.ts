import { describe, expect, it } from "vitest";
import { issuerText, refusalIn } from "../../../../hosts/proxy/certificate.ts";

const logged = (reason: string): string =>
  JSON.stringify({
    time: "2026-11-30T11:36:41.79Z",
    level: "INFO",
    msg: `http: TLS handshake error from 172.22.0.1:47982: ${reason}`,
  });

/** As kamal-proxy v0.9.2 wrote them. */
const UNREACHED =
  'acme/autocert: unable to satisfy "https://acme-v02.api.letsencrypt.org/authZ/cAeom" for domain "gone.shop.example": no viable challenge type found';
const FORBIDDEN =
  '400 urn:ietf:params:acme:error:rejectedIdentifier: Order included an identifier for which issuance is forbidden by policy: "shop.refused.example"; subproblems:\n\turn:ietf:params:acme:error:rejectedIdentifier: [dns: shop.refused.example] shop.refused.example is a forbidden domain';
const NO_LETS_ENCRYPT =
  'Get "https://acme-v02.api.letsencrypt.org/directory": dial tcp: lookup acme-v02.api.letsencrypt.org: i/o timeout';

describe("the reason in the proxy's log", () => {
  it("is the last one for that name", () => {
    const lines = [logged(FORBIDDEN), logged(UNREACHED), logged("acme/autocert: missing certificate"), logged("EOF"), "not JSON"];
    expect(refusalIn(lines, "gone.shop.example")).toBe(UNREACHED);
    expect(refusalIn(lines, "shop.refused.example")).toBe(FORBIDDEN);
  });
  it("is one that names no site, where Let's Encrypt could not be asked", () =>
    expect(refusalIn([logged(NO_LETS_ENCRYPT), logged(UNREACHED)], "shop.example")).toBe(NO_LETS_ENCRYPT));
  it("is not that of a longer name", () => expect(refusalIn([logged(UNREACHED)], "gone.shop")).toBeUndefined());
  it("is unknown where visitors went away or asked for other sites", () => {
    const others = ["EOF", "unknown server name", "remote error: tls: bad certificate", "acme/autocert: missing certificate"];
    expect(refusalIn([...others, UNREACHED].map(logged), "shop.example")).toBeUndefined();
  });
});

describe("the issuer of a certificate", () => {
  it.each([
    ["C=US\nO=Let's Encrypt\nCN=R11", "Let's Encrypt R11"],
    ["CN=Pebble Intermediate CA 7b0d12", "Pebble Intermediate CA 7b0d12"],
    ["", "an unknown issuer"],
  ])("is named by organization and name: %j", (issuer, text) => expect(issuerText(issuer)).toBe(text));
});
