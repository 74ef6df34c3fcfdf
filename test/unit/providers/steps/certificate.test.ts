import { expect, it } from "vitest";
import { awaitedOn, refusalStory } from "../../../../providers/steps/certificate.ts";

const MISSING = { name: "shop.example", host: "web-1", seen: "the proxy has no certificate" };
const story = (reason: string | undefined) => {
  const { why, next } = refusalStory(reason, MISSING);
  return `${why}; next: ${next}`;
};

it.each<[string, string | undefined, RegExp]>([
  [
    "the name does not lead to the proxy",
    'acme/autocert: unable to satisfy "https://acme-v02.api.letsencrypt.org/authZ/cA" for domain "shop.example": no viable challenge type found',
    /^Let's Encrypt did not reach the proxy as shop\.example, .*; next: check that shop\.example leads to web-1 .* ports 80 and 443/,
  ],
  [
    "Let's Encrypt may not issue it",
    '400 urn:ietf:params:acme:error:rejectedIdentifier: issuance is forbidden by policy: "shop.example"; subproblems:\n\turn:…',
    /^Let's Encrypt refused it: issuance is forbidden by policy: "shop\.example"; next: use another name/,
  ],
  [
    "too many were asked for",
    '429 urn:ietf:params:acme:error:rateLimited: too many failed authorizations (5) for "shop.example" in the last 1h0m0s, retry after 2026-11-30 12:00:00 UTC',
    /^Let's Encrypt refused it: too many failed .* retry after 2026-11-30 12:00:00 UTC; next: wait as long as it says/,
  ],
  [
    "it answers something else",
    "500 urn:ietf:params:acme:error:serverInternal: try later",
    /try later; next: docker logs kamal-proxy on web-1 has the whole answer \(serverInternal\)/,
  ],
  [
    "it is out of reach",
    'Get "https://acme-v02.api.letsencrypt.org/directory": dial tcp: lookup acme-v02.api.letsencrypt.org: i/o timeout',
    /^Let's Encrypt could not be asked: Get .*; next: let the containers of web-1 reach acme-v02\.api\.letsencrypt\.org/,
  ],
  ["the log says nothing", undefined, /^the proxy has no certificate; next: docker logs kamal-proxy on web-1/],
])("a missing certificate has a reason and a next step where %s", (_case, reason, text) => {
  expect(story(reason)).toMatch(text);
});

it("certificates are asked for where they come from Let's Encrypt, and those that the route had are not new", () => {
  const acme = { kind: "acme", staging: false } as const;
  const off = { kind: "off" } as const;
  const wanted = { hosts: ["shop.example", "www.shop.example"], tls: acme };
  const isNew = (...before: Parameters<typeof awaitedOn>[2][]) => awaitedOn("web-1", wanted, before[0]).map((one) => one.isNew);
  expect(isNew({ hosts: ["shop.example"], tls: acme })).toEqual([false, true]);
  expect(isNew({ hosts: ["shop.example"], tls: off })).toEqual([true, true]);
  expect(isNew()).toEqual([true, true]);
  expect(awaitedOn("web-1", { ...wanted, tls: off }, undefined)).toEqual([]);
  expect(awaitedOn("web-1", undefined, undefined)).toEqual([]);
});
