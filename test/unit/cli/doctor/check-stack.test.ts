import { describe, expect, it } from "vitest";
import { reportOn } from "../../../../cli/doctor/checks.ts";
import type { Asked, Facts, HostFacts, NameFacts } from "../../../../cli/doctor/facts.ts";
import { noAccessTo } from "../../../../cli/doctor/host.ts";
import { servedNames } from "../../../../cli/doctor/names.ts";
import type { Finding } from "../../../../cli/doctor/report.ts";
import type { UnconfirmedTag } from "../../../../core/release/unconfirmed-tag.ts";
import { read } from "../../config/fixture.ts";

import { anOpenHost, facts, findingOf, HOST, IMAGE, known, unknown } from "./fixture.ts";

describe("what the doctor finds from here", () => {
  it("is a registry that refuses us, in its own words", () => {
    const built = unknown("the registry ghcr.io refused user ann", "check slipway:registry.username");
    expect(findingOf(reportOn(facts([], { images: [{ image: IMAGE, built }] })), "registry")).toMatchObject({
      result: "wrong",
      found: "the registry ghcr.io refused user ann",
      next: "check slipway:registry.username",
    });
  });

  it.each([
    ["a file", "file", "file://dist/shop.tar"],
    ["the engine", "engine", "engine://shop:dev"],
  ] as const)("is the image in %s, or what is wrong with it there", (_where, check, image) => {
    const found = (built: Asked<{ digest: string; platforms: [] }>) =>
      findingOf(reportOn(facts([], { images: [{ image, built }] })), check);
    expect(found(known({ digest: `sha256:${"9f31".repeat(16)}`, platforms: [] }))).toMatchObject({
      result: "fine",
      found: `${image} is sha256:9f319f31…`,
    });
    expect(found(unknown("there is no file dist/shop.tar", "build the image into that file"))).toMatchObject({
      result: "wrong",
      found: "there is no file dist/shop.tar",
      next: "build the image into that file",
    });
  });

  it("is a tag that is not the image of the digest beside it", () => {
    const [written, there] = ["04bd", "9f31"].map((word) => `sha256:${word.repeat(16)}`) as [string, string];
    const found = (now: UnconfirmedTag["now"]) => {
      const built = known({ digest: written, platforms: [], unconfirmed: { image: "shop:3", digest: written, now } });
      return findingOf(reportOn(facts([], { images: [{ image: `shop:3@${written}`, built }] })), "registry");
    };
    expect(found({ kind: "different", digest: there })).toMatchObject({
      result: "warning",
      found: "the digest of shop:3 is written, sha256:04bd04bd…, and its tag is sha256:9f319f31… there",
    });
    expect(found({ kind: "missing" })).toMatchObject({ found: expect.stringContaining("its tag is missing in the registry") });
    expect(found({ kind: "unknown", because: "no answer" })).toMatchObject({ result: "fine" });
  });

  const aName = (addresses: readonly string[], acme = false): NameFacts => ({
    name: "shop.example.com",
    acme,
    servedBy: ["web-1"],
    addresses: known(addresses),
  });
  const made: HostFacts = { kind: "planned", host: "web-1", madeAt: "hetzner" };
  it.each<[string, NameFacts, HostFacts, Finding["result"], RegExp]>([
    ["the address of its host", aName(["203.0.113.10"]), anOpenHost(), "fine", /→ 203\.0\.113\.10 \(web-1\)$/],
    [
      "an address that the host has beside the one for SSH",
      aName(["203.0.113.10"]),
      anOpenHost({ resolved: ["10.0.0.2"] }),
      "fine",
      /\(web-1\)$/,
    ],
    [
      "the address of a host that we do not reach",
      aName(["203.0.113.10"]),
      noAccessTo(HOST, new Error("no SSH connection in time")),
      "fine",
      /\(web-1\)$/,
    ],
    [
      "a stranger's",
      aName(["198.51.100.7"], true),
      anOpenHost(),
      "warning",
      /→ 198\.51\.100\.7: not web-1; Let's Encrypt must reach the proxy/,
    ],
    [
      "both",
      aName(["203.0.113.10", "2001:db8::7"]),
      anOpenHost(),
      "warning",
      /203\.0\.113\.10 \(web-1\), 2001:db8::7: not web-1$/,
    ],
    ["none", aName([]), anOpenHost(), "warning", /has no DNS record$/],
    ["none, and Let's Encrypt asks it", aName([], true), anOpenHost(), "wrong", /has no DNS record: Let's Encrypt/],
    ["anything, of a host that is not made yet", aName(["203.0.113.10"]), made, "warning", /those of web-1 are not known yet$/],
    [
      "the query fails",
      { ...aName([]), addresses: unknown("DNS could not be asked") },
      anOpenHost(),
      "warning",
      /^DNS could not be asked$/,
    ],
  ])("is a name with %s", (_what, name, host, result, found) => {
    const finding = findingOf(reportOn(facts([host], { names: [name] })), "dns");
    expect(finding).toMatchObject({ host: null, result, found: expect.stringMatching(found) });
  });

  it("says where a record is to lead", () => {
    expect(findingOf(reportOn(facts(undefined, { names: [aName([])] })), "dns")?.next).toBe(
      "create one: shop.example.com → 203.0.113.10",
    );
  });

  it("asks for each name once, of the hosts that serve it, and for no address", () => {
    const hosts = {
      "web-1": { address: "203.0.113.10", proxy: { hosts: ["a.example.com", "both.example.com"] } },
      "web-2": { address: "203.0.113.11", proxy: { hosts: ["203.0.113.11", "both.example.com"] } },
    };
    expect(servedNames(read({ servers: { web: { hosts } }, proxy: { host: "shop.example.com" } }))).toEqual([
      { name: "a.example.com", acme: false, servedBy: ["web-1"] },
      { name: "both.example.com", acme: false, servedBy: ["web-1", "web-2"] },
    ]);
    expect(servedNames(read({ proxy: { host: "shop.example.com", ssl: true } }))).toMatchObject([{ acme: true }]);
  });
});

describe("doctor: the builder", () => {
  const found = (build: NonNullable<Facts["build"]>) => findingOf(reportOn(facts([], { images: [], build })), "builder");

  it("is not mentioned where nothing is built", () => {
    expect(reportOn(facts([])).findings.some(({ check }) => check === "builder")).toBe(false);
  });

  it("is fine where this machine can build, and says as what", () => {
    const value = {
      store: "layers" as const,
      selected: "docker",
      builds: [{ name: undefined, version: "3f2a1b9-04bd77aa", uncommitted: 1 }],
    };
    expect(found({ kind: "known", value })).toMatchObject({
      result: "fine",
      found:
        "the image would be built as 3f2a1b9-04bd77aa (1 of its files not committed), by this machine's Docker, with its own layers",
    });
  });

  it("is wrong where something is missing, with how to install it", () => {
    const build = { kind: "unknown" as const, why: "docker has no buildx", evidence: [], next: "install it" };
    expect(found(build)).toMatchObject({ result: "wrong", found: "docker has no buildx", next: "install it" });
  });
});
