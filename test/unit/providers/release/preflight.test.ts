import { describe, expect, it } from "vitest";
import { specHash } from "../../../../core/release/spec.ts";
import type { FoundHost } from "../../../../providers/release/fleet.ts";
import { places } from "../../../../providers/release/places.ts";
import { aContainer, aHost, aRelease, aRouteTo, lost, ROUTE, serving, V1, V2, WEB, WORKER } from "./fixture.ts";
import { planned } from "./planned.ts";

const v2 = aContainer(V2);

describe("the files of the proxy", () => {
  const [CERTIFICATE, PAGES] = ["slipway/shop-production/1f3a9c1f3a9c", "slipway/shop-production/aaaabbbbcccc"];
  const proxyFiles = {
    [CERTIFICATE]: {
      "key.pem": { from: "secret" as const, secret: "KEY" },
      "cert.pem": { from: "text" as const, text: "-----BEGIN CERTIFICATE-----" },
    },
    [PAGES]: { "503.html": { from: "text" as const, text: "<p>Back soon</p>" } },
  };
  const onWeb1 = (host: FoundHost): string[] => planned(aRelease(V2, { web: WEB }, { proxyFiles }), { "web-1": host });
  const placing = [
    `web-1: place cert.pem, key.pem for the proxy in ${CERTIFICATE}`,
    `web-1: place 503.html for the proxy in ${PAGES}`,
  ];

  it("are placed where they are missing, before anything else", () => {
    expect(onWeb1(serving(v2))).toEqual(placing);
    expect(onWeb1(aHost()).slice(0, 2)).toEqual(placing);
    expect(onWeb1({ ...serving(v2), proxyFiles: [CERTIFICATE] })).toEqual(placing.slice(1));
  });
  it("that are there are left alone", () => {
    expect(onWeb1({ ...serving(v2), proxyFiles: [PAGES, CERTIFICATE] })).toEqual([]);
  });
  it("are for the hosts that have a proxied role, each once", () => {
    const roles = { web: WEB, admin: { ...WEB, proxy: { ...ROUTE, hosts: ["admin.example"] } }, worker: WORKER };
    const operations = planned(aRelease(V2, roles, { proxyFiles }), { "jobs-1": aHost() });
    expect(operations.filter((operation) => operation.includes("for the proxy in"))).toEqual(placing);
  });
});

describe("what a killed run had made for itself", () => {
  const helper = { id: "e".repeat(64), name: "shop-web-production-1.4.2-ab12cd34-bridge", image: "sha256:2" };
  it("goes, on every host, first of all", () => {
    const fleet = { "web-1": aHost([], [], { helpers: [helper] }), "web-0": aHost([], [], { helpers: [helper] }) };
    expect(planned(aRelease(V2), fleet).slice(0, 2)).toEqual([
      `web-1: remove ${helper.name} (leftover)`,
      `web-0: remove ${helper.name} (leftover)`,
    ]);
  });
});

describe("a host that differs", () => {
  const EU = { ...ROUTE, hosts: ["eu.shop.example"] };
  const part = { env: { RATE_LIMIT: "99" }, secretEnv: {}, secretsFingerprint: "", proxy: EU };
  const web = { ...WEB, hosts: ["web-1", "web-2"], on: { "web-2": part } };
  const OTHER = "1.4.2-99999999";
  const containers = { "web-1/web": V2, "web-2/web": OTHER };
  const wanted = aRelease(V2, { web }, { containers });
  const other = aContainer(OTHER);

  it("has another spec, thus another release, and its own route", () => {
    const [first, second] = places(wanted);
    expect(first?.spec).toMatchObject({ env: WEB.env, proxy: ROUTE });
    expect(second?.spec).toMatchObject(part);
    expect([first?.container, second?.container]).toEqual([v2.name, "shop-web-production-1.4.2-99999999"]);
    const hashes = [first, second].map((place) => place && specHash(place.image, place.version, place.spec));
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it("is fine with both", () => {
    expect(planned(wanted, { "web-1": serving(v2), "web-2": aHost([other], [aRouteTo(other, EU)]) })).toEqual([]);
  });

  it("is not fine with those of the others", () => {
    expect(planned(wanted, { "web-1": serving(v2), "web-2": serving(v2) })).toEqual([
      `web-2: start ${other.name}`,
      `web-2: switch shop-web-production → ${other.name} (release from ${v2.name})`,
      `web-2: stop ${v2.name} (≤ 10 s to finish)`,
    ]);
    expect(planned(wanted, { "web-1": serving(v2), "web-2": serving(other) })).toEqual([
      `web-2: switch shop-web-production → ${other.name} (route)`,
    ]);
  });

  it("changes nothing of the others: its part is not in their spec", () => {
    const { on: _on, ...shared } = web;
    expect(specHash(wanted.image, "1.4.2", web)).toBe(specHash(wanted.image, "1.4.2", { ...shared, on: {} }));
  });
});

describe("a host that cannot be reached", () => {
  const web = { ...WEB, hosts: ["web-1", "web-2"] };
  it("gets no operation, whether it is wanted or not", () => {
    const fleet = { "web-1": serving(aContainer(V1)), "web-2": lost(), "web-3": lost() };
    const proxyFiles = { "slipway/shop-production/1": { "503.html": { from: "text" as const, text: "" } } };
    const releaseCommand = { host: "web-2", role: "web", commands: [["bin/migrate"]], timeout: 1 };
    const operations = planned(aRelease(V2, { web }, { proxyFiles, releaseCommand, maintenance: { message: "" } }), fleet);
    expect(operations.filter((operation) => !operation.startsWith("web-1:"))).toEqual([]);
    expect(operations).not.toEqual([]);
  });
});
