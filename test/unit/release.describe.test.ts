import { describe, expect, it } from "vitest";
import { describePlan } from "../../providers/release/describe.ts";
import type { Fleet } from "../../providers/release/fleet.ts";
import type { ReleaseInputs } from "../../providers/release/inputs.ts";
import { planRelease } from "../../providers/release/plan.ts";
import { aContainer, aHost, aRelease, aRouteTo, exited, kamals, lost, serving, V1, V2, WEB, WORKER } from "./release.fixture.ts";

const ROLES = { web: { ...WEB, hosts: ["web-1", "web-2"] }, worker: WORKER };
const [v1, v2] = [aContainer(V1), aContainer(V2)];
const [worker1, worker2] = [aContainer(V1, { role: "worker" }), aContainer(V2, { role: "worker" })];

/** The preview's lines, without the width that lines up the host names. */
function preview(wanted: ReleaseInputs, before?: { inputs: ReleaseInputs; fleet: Fleet }): string[] {
  return describePlan(planRelease(wanted, before?.fleet ?? {}), wanted, before).split("\n");
}

const web1 = (fleet: Fleet, wanted = aRelease(V2), inputs = wanted): string =>
  preview(wanted, { inputs, fleet }).find((line) => line.includes("web-1")) ?? "nothing to do";

describe("the preview of a release", () => {
  it("shows a first release", () => {
    expect(preview(aRelease(V2, ROLES))).toEqual([
      "release 1.4.2-ab12cd34   image shop@sha256:9f310000…",
      "  jobs-1  start shop-worker-production-1.4.2-ab12cd34   first release",
      "  web-1   start shop-web-production-1.4.2-ab12cd34 · switch shop-web-production   first release",
      "  web-2   as web-1",
    ]);
  });

  it("shows an update: what it was, the gap and the overlap, what is the same, and the way back", () => {
    const fleet = { "web-1": serving(v1), "web-2": serving(v1), "jobs-1": aHost([worker1]) };
    expect(preview(aRelease(V2, ROLES), { inputs: aRelease(V1, ROLES), fleet })).toEqual([
      "release 1.4.2-ab12cd34  (was 1.4.1-77aa01ef)   image shop@sha256:9f310000…  (was shop@sha256:04bd0000…)",
      "  jobs-1  start shop-worker-production-1.4.2-ab12cd34 · stop shop-worker-production-1.4.1-77aa01ef (≤ 60 s to finish)   overlap ≤ 60 s",
      "  web-1   start shop-web-production-1.4.2-ab12cd34 · switch shop-web-production · drain ≤ 30 s · stop shop-web-production-1.4.1-77aa01ef (≤ 10 s to finish)   gap 0 s",
      "  web-2   as web-1",
      "  rollback to 1.4.1-77aa01ef stays possible on all hosts",
    ]);
  });

  it("shows only the host that drifted, and promises no way back to itself", () => {
    const wanted = aRelease(V2, ROLES);
    const fleet = { "web-1": serving(v2), "web-2": serving(exited(v2, 137)), "jobs-1": aHost([worker2]) };
    expect(preview(wanted, { inputs: wanted, fleet })).toEqual([
      "release 1.4.2-ab12cd34   image shop@sha256:9f310000…",
      "  web-2   found stopped with code 137 (drift) · remove shop-web-production-1.4.2-ab12cd34 (leftover) · start shop-web-production-1.4.2-ab12cd34 · switch shop-web-production   was down",
    ]);
  });

  it("shows why a wanted host stops the run, and nothing that will not happen there", () => {
    const wanted = aRelease(V2, ROLES);
    const fleet = { "web-1": serving(v2), "web-2": lost("gone fishing"), "jobs-1": aHost([worker2]) };
    expect(preview(wanted, { inputs: wanted, fleet })).toEqual([
      "release 1.4.2-ab12cd34   image shop@sha256:9f310000…",
      "  web-2   unreachable: gone fishing; the run stops before it changes anything",
    ]);
  });

  it("shows what is taken off a host that left", () => {
    const fleet = { "web-1": serving(v2), "web-2": serving(v2) };
    expect(preview(aRelease(V2), { inputs: aRelease(V2, ROLES), fleet })).toEqual([
      "release 1.4.2-ab12cd34   image shop@sha256:9f310000…",
      "  web-2  take the route shop-web-production away · stop shop-web-production-1.4.2-ab12cd34 (≤ 10 s to finish) · remove shop-web-production-1.4.2-ab12cd34 (withdrawn)",
    ]);
  });

  it("says nothing but the headline of a release that is there", () => {
    expect(preview(aRelease(V2), { inputs: aRelease(V2), fleet: { "web-1": serving(v2) } })).toHaveLength(1);
  });
});

describe("what it says of one host", () => {
  const table: readonly (readonly [about: string, says: RegExp, line: string])[] = [
    ["a container that was removed", /^ {2}web-1 {2}found missing \(drift\) · start .* {3}was down$/, web1({ "web-1": aHost() })],
    [
      "a proxy that was removed",
      /kamal-proxy found missing \(drift\)/,
      web1({ "web-1": { ...aHost([v1]), proxy: "missing" } as Fleet[string] }),
    ],
    [
      "another service at its address",
      /web-1 {2}shop.example\/ is served by blog-web already; the run stops before it changes anything$/,
      web1({
        "web-1": { ...serving(v2), clashes: [{ role: "web", service: "blog-web", at: "shop.example/" }] } as Fleet[string],
      }),
    ],
    [
      "an adopted candidate",
      /web-1 {2}set the route shop-web-production → shop-web-production-1.4.2-ab12cd34 · drain ≤ 30 s · stop .* {3}gap 0 s$/,
      web1({ "web-1": serving(v1, v2) }, aRelease(V2), aRelease(V1)),
    ],
    ["an emptied route", /web-1 {2}set the route .* {3}was down$/, web1({ "web-1": aHost([v2]) })],
    [
      "an edited limit",
      /web-1 {2}undo the edit of shop-web-production-1.4.2-ab12cd34 \(memory 1, not 0\)$/,
      web1({ "web-1": serving({ ...v2, edited: ["memory 1, not 0"] }) }),
    ],
    ["Kamal's container", /gap 0 s$/, web1({ "web-1": serving(kamals("1.4.0")) }, aRelease(V2), aRelease(V2, {}))],
    ["a host whose name means another machine now", / {3}first release$/, web1({}, aRelease(V2), aRelease(V1))],
    [
      "both kinds of roles on one host",
      / {3}gap 0 s, overlap ≤ 60 s$/,
      web1(
        { "web-1": aHost([v1, worker1], [aRouteTo(v1)]) },
        aRelease(V2, { web: WEB, worker: { ...WORKER, hosts: ["web-1"] } }),
      ),
    ],
  ];
  it.each(table)("names %s", (_about, says, line) => expect(line).toMatch(says));
});

describe("the way back", () => {
  const last = (changes: Partial<ReleaseInputs>, fleet: Fleet, inputs = aRelease(V1)) =>
    preview(aRelease(V2, { web: WEB }, changes), { inputs, fleet })
      .at(-1)
      ?.trim();

  it("needs a pull when nothing replaced is kept", () => {
    expect(last({ retainContainers: 0 }, { "web-1": serving(v1) })).toBe(
      "rollback to 1.4.1-77aa01ef will need a pull: retain_containers keeps none of it",
    );
  });
  it("leads to Kamal's container by its name", () => {
    expect(last({}, { "web-1": serving(kamals("1.4.0")) })).toBe(
      "rollback to shop-web-production-1.4.0 stays possible on all hosts",
    );
  });
  it("names what the changed role ran, not what another role goes on running", () => {
    const roles = { web: { ...WEB, hosts: ["web-1"] }, worker: WORKER };
    const fleet = { "jobs-1": aHost([worker2]), "web-1": serving(v1) };
    expect(preview(aRelease(V2, roles), { inputs: aRelease(V1, roles), fleet }).at(-1)).toBe(
      "  rollback to 1.4.1-77aa01ef stays possible on all hosts",
    );
  });
});

describe("the environment in the headline", () => {
  const env = (before: Partial<ReleaseInputs>, after: Partial<ReleaseInputs>): string =>
    preview({ ...aRelease(V2), ...after }, { inputs: { ...aRelease(V1), ...before }, fleet: {} })[0]?.split("   env: ")[1] ?? "";
  const web = (changes: Partial<typeof WEB>) => ({ roles: { web: { ...WEB, ...changes } } });

  it("names what was added, changed and removed", () => {
    const after = web({ env: { RATE_LIMIT: "20", FEATURE_X: "on" } });
    expect(env(web({ env: { RATE_LIMIT: "10", OLD: "1" } }), after)).toBe("+FEATURE_X, -OLD, ~RATE_LIMIT");
  });
  it("names secrets whose value, source or name changed, and tells no value", () => {
    const after = {
      secrets: { STRIPE_KEY: "sk_live_other", SALT: "canary2" },
      ...web({ secretEnv: { STRIPE_KEY: "STRIPE_KEY", SALT: "SALT" } }),
    };
    expect(env({}, after)).toBe("secret +SALT, secret ~STRIPE_KEY");
    expect(preview({ ...aRelease(V2), ...after }, { inputs: aRelease(V1), fleet: {} }).join()).not.toMatch(/canary|sk_live/);
  });
  it("is not there when it did not change", () => expect(env({}, {})).toBe(""));
});
