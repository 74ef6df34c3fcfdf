import { describe, expect, it } from "vitest";
import { describePlan } from "../../../../providers/release/describe.ts";
import type { Fleet } from "../../../../providers/release/fleet.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { planRelease } from "../../../../providers/release/plan.ts";
import {
  aCanary,
  aContainer,
  aHost,
  anImage,
  aRelease,
  aRouteTo,
  exited,
  kamals,
  lost,
  ROUTE,
  serving,
  V1,
  V2,
  V3,
  WEB,
  WORKER,
} from "./fixture.ts";

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
      "  jobs-1        start shop-worker-production-1.4.2-ab12cd34 after web is healthy   first release",
      "  web-1, web-2  start shop-web-production-1.4.2-ab12cd34 · switch shop-web-production   first release",
    ]);
  });

  it("shows an update: what it was, the gap and the overlap, what is the same, and the way back", () => {
    const fleet = { "web-1": serving(v1), "web-2": serving(v1), "jobs-1": aHost([worker1]) };
    expect(preview(aRelease(V2, ROLES), { inputs: aRelease(V1, ROLES), fleet })).toEqual([
      "release 1.4.2-ab12cd34  (was 1.4.1-77aa01ef)   image shop@sha256:9f310000…  (was shop@sha256:04bd0000…)",
      "  jobs-1        start shop-worker-production-1.4.2-ab12cd34 after web is healthy · stop shop-worker-production-1.4.1-77aa01ef (≤ 60 s to finish)   overlap ≤ 60 s",
      "  web-1, web-2  start shop-web-production-1.4.2-ab12cd34 · switch shop-web-production · drain ≤ 30 s · stop shop-web-production-1.4.1-77aa01ef (≤ 10 s to finish)   gap 0 s",
      "  rollback to 1.4.1-77aa01ef stays possible on all hosts",
    ]);
  });

  it("names the largest request body where it changes, also of a fleet of Kamal's and without a new container", () => {
    const bounded = { ...WEB, proxy: { ...ROUTE, buffering: { ...ROUTE.buffering, maxRequestBody: 250_000_000 } } };
    const web = (release: string) => aRelease(release, { web: bounded });
    expect(web1({ "web-1": serving(v2) }, web(V2), aRelease(V2))).toBe(
      "  web-1  set the route shop-web-production → shop-web-production-1.4.2-ab12cd34 (largest request body: no limit → 250 MB)   gap 0 s",
    );
    expect(preview(web(V2), { inputs: web(V1), fleet: { "web-1": serving(v1) } }).join()).toContain(
      "switch shop-web-production (largest request body: no limit → 250 MB) · drain",
    );
    const back = {
      ...serving(v2),
      routes: [{ ...aRouteTo(v2), options: { ...aRouteTo(v2).options, buffering: bounded.proxy.buffering } }],
    };
    expect(web1({ "web-1": back }, aRelease(V2), web(V2))).toContain("(largest request body: 250 MB → no limit)");
  });

  it("shows only the host that drifted, and promises no way back to itself", () => {
    const wanted = aRelease(V2, ROLES);
    const fleet = { "web-1": serving(v2), "web-2": serving(exited(v2, 137)), "jobs-1": aHost([worker2]) };
    expect(preview(wanted, { inputs: wanted, fleet })).toEqual([
      "release 1.4.2-ab12cd34   image shop@sha256:9f310000…",
      "  web-2  found stopped with code 137 (drift) · re-create shop-web-production-1.4.2-ab12cd34 · switch shop-web-production   was down",
    ]);
  });

  it("shows why a wanted host stops the run, and nothing that will not happen there", () => {
    const wanted = aRelease(V2, ROLES);
    const fleet = { "web-1": serving(v2), "web-2": lost("gone fishing"), "jobs-1": aHost([worker2]) };
    expect(preview(wanted, { inputs: wanted, fleet })).toEqual([
      "release 1.4.2-ab12cd34   image shop@sha256:9f310000…",
      "  web-2  unreachable: gone fishing; the run stops before it changes anything",
    ]);
  });

  it("shows what is taken off a host that left", () => {
    const fleet = { "web-1": serving(v2), "web-2": serving(v2) };
    expect(preview(aRelease(V2), { inputs: aRelease(V2, ROLES), fleet })).toEqual([
      "release 1.4.2-ab12cd34   image shop@sha256:9f310000…",
      "  web-2  remove the route shop-web-production · stop shop-web-production-1.4.2-ab12cd34 (≤ 10 s to finish) · remove shop-web-production-1.4.2-ab12cd34 (withdrawn)",
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
      /web-1 {2}switch shop-web-production · drain ≤ 30 s · stop .* {3}gap 0 s$/,
      web1({ "web-1": serving(v1, v2) }, aRelease(V2), aRelease(V1)),
    ],
    [
      "an emptied route",
      /web-1 {2}set the route shop-web-production → shop-web-production-1.4.2-ab12cd34 {3}was down$/,
      web1({ "web-1": aHost([v2]) }),
    ],
    [
      "an edited limit",
      /web-1 {2}undo the edit of shop-web-production-1.4.2-ab12cd34 \(memory 64 MB → no limit\)$/,
      web1({ "web-1": serving({ ...v2, edited: ["memory 64 MB → no limit"] }) }),
    ],
    [
      "an image that no container uses",
      /^ {2}web-1 {2}remove the image shop@sha256:04bd0000… \(no container uses it\)$/,
      web1({ "web-1": { ...serving(v2), images: [anImage(V1)] } }),
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
  it("is not offered to Kamal's container, which is named", () => {
    expect(last({}, { "web-1": serving(kamals("1.4.0")) })).toBe(
      "shop-web-production-1.4.0 was not started by Slipway: it stays on its hosts, stopped, and slipway rollback cannot return to it",
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

describe("the image in the headline", () => {
  it("has the digest that its builder printed, where that is of an index with more in it", () => {
    const wanted = aRelease(V2);
    const digest = wanted.image.split("@")[1] ?? "";
    const printed = (index: string) =>
      describePlan(planRelease(wanted, {}), { ...wanted, __stored: { [digest]: { index, platforms: [] } } }, undefined);
    expect(printed(`sha256:${"ab".repeat(32)}`)).toContain("image shop@sha256:9f310000… (of the index sha256:abababab…)");
    expect(printed(digest)).not.toContain("index");
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
  it("names secrets whose value, source or name changed, and shows no value", () => {
    const after = {
      secrets: { STRIPE_KEY: "sk_live_other", SALT: "canary2" },
      ...web({ secretEnv: { STRIPE_KEY: "STRIPE_KEY", SALT: "SALT" } }),
    };
    expect(env({}, after)).toBe("secret +SALT, secret ~STRIPE_KEY");
    expect(preview({ ...aRelease(V2), ...after }, { inputs: aRelease(V1), fleet: {} }).join()).not.toMatch(/canary|sk_live/);
  });
  it("names what changed on one host, or in one role, beside others that go on as they were", () => {
    const part = (RATE_LIMIT: string) => ({ "web-1": { env: { RATE_LIMIT }, secretEnv: {}, secretsFingerprint: "" } });
    expect(env(web({ on: part("1") }), web({ on: part("2") }))).toBe("~RATE_LIMIT");
    const roles = (RATE_LIMIT: string) => ({ ...aRelease(V2, { web: { ...WEB, env: { RATE_LIMIT } }, worker: WORKER }) });
    expect(env(roles("1"), roles("2"))).toBe("~RATE_LIMIT");
  });
  it("is not there when it did not change", () => expect(env({}, {})).toBe(""));
});

describe("the gap of a role that stops first", () => {
  const web = { ...WEB, strategy: "stop-first" as const };
  const worker = { ...WORKER, hosts: ["web-1"], strategy: "stop-first" as const };
  const line = (fleet: Fleet[string], roles: ReleaseInputs["roles"], changes: Partial<ReleaseInputs> = {}): string =>
    web1({ "web-1": fleet }, aRelease(V2, roles, changes), aRelease(V1, roles));

  it("lets requests wait, and says so", () => {
    expect(line(serving(v1), { web })).toBe(
      "  web-1  hold requests to shop-web-production · stop shop-web-production-1.4.1-77aa01ef first (≤ 10 s to finish)" +
        " · start shop-web-production-1.4.2-ab12cd34 · switch shop-web-production · drain ≤ 30 s" +
        " · let requests reach shop-web-production again (it is paused)   requests wait while nothing runs",
    );
  });
  it("is an outage where no request can wait", () => {
    expect(line(aHost([worker1]), { worker })).toMatch(/ {3}down while nothing runs$/);
    expect(line(aHost([v1], [aRouteTo(v1, ROUTE, { state: { kind: "stopped", message: "" } })]), { web })).toMatch(
      / {3}down while nothing runs$/,
    );
  });
  it("is shown beside that of the others", () => {
    const host = aHost([v1, worker1], [aRouteTo(v1)]);
    expect(line(host, { web: WEB, worker })).toMatch(/ {3}gap 0 s, down while nothing runs$/);
    expect(line(host, { web, worker: { ...worker, strategy: "start-first" } })).toMatch(
      / {3}requests wait while nothing runs, overlap ≤ 60 s$/,
    );
  });
  it("is none where nothing has to make way", () => {
    expect(line(serving(v1, v2), { web })).toMatch(/ {3}gap 0 s$/);
  });
});

describe("what starts when", () => {
  const worker = "start shop-worker-production-1.4.2-ab12cd34";
  const jobs = (fleet: Fleet, roles: ReleaseInputs["roles"] = ROLES): string =>
    preview(aRelease(V2, roles), { inputs: aRelease(V1, roles), fleet }).find((line) => line.includes("jobs-1")) ?? "";

  it("says whom a worker waits for", () => {
    expect(jobs({ "jobs-1": aHost([worker1]) })).toContain(`${worker} after web is healthy · `);
  });
  it("names all of them", () => {
    const admin = { ...WEB, hosts: ["web-1"], proxy: { ...ROUTE, hosts: ["admin.example"] } };
    expect(jobs({ "jobs-1": aHost([worker1]) }, { ...ROLES, admin })).toMatch(/ after (web, admin|admin, web) is healthy · /);
  });
  it("waits for no role when nothing else starts", () => {
    const fleet = { "web-1": serving(v2), "web-2": serving(v2), "jobs-1": aHost([worker1]) };
    expect(jobs(fleet)).toContain(`${worker} · `);
  });
});

describe("the waves", () => {
  const line = (boot: Partial<ReleaseInputs["boot"]>): string | undefined =>
    preview(aRelease(V2, ROLES, { boot: { limit: 0, wait: 0, parallelRoles: true, ...boot } })).find((one) =>
      one.includes("waves"),
    );

  it("are shown where there are several", () => {
    expect(line({ limit: 2 })).toBe("  in 2 waves: web-1 + web-2, then jobs-1; if one fails, all go back");
    expect(line({ limit: 1, wait: 10 })).toBe(
      "  in 3 waves, 10 s apart: web-1, then web-2, then jobs-1; if one fails, all go back",
    );
  });
  it("are not worth a word where there is one", () => expect(line({})).toBeUndefined());
});

describe("drift of replicas and canaries", () => {
  const two = { web: { ...WEB, replicas: 2 } };
  const second = aContainer(V2, { replica: 2 });

  it("names a replica that is gone or down, once", () => {
    const missing =
      "  web-1  found missing (drift) · start shop-web-production-1.4.2-ab12cd34.2 · spread shop-web-production over 2 containers   gap 0 s";
    expect(web1({ "web-1": serving(v2) }, aRelease(V2, two))).toBe(missing);
    expect(web1({ "web-1": aHost([v2, exited(second, 137)], [aRouteTo([v2, second])]) }, aRelease(V2, two))).toMatch(
      /^ {2}web-1 {2}found stopped with code 137 \(drift\) · re-create .*\.2 · spread .* {3}gap 0 s$/,
    );
  });
  it("calls no replica missing that is new in the config", () => {
    expect(web1({ "web-1": serving(v2) }, aRelease(V2, two), aRelease(V2))).toMatch(/^ {2}web-1 {2}start .*\.2 · spread/);
  });
  it("calls no replica missing that has another name", () => {
    const host = aHost([v2, { ...second, name: "renamed", edited: ["memory 64 MB → no limit"] }], [aRouteTo([v2, second])]);
    expect(web1({ "web-1": host }, aRelease(V2, two))).toBe("  web-1  undo the edit of renamed (memory 64 MB → no limit)");
  });
  it("names a canary that is down, and not the release beside it", () => {
    const v3 = aContainer(V3);
    const rollout = { targets: aRouteTo(v3).targets, percent: 10, allow: [] };
    const host = aHost([v2, exited(v3, 1)], [aRouteTo(v2, ROUTE, { rollout })]);
    expect(web1({ "web-1": host }, aRelease(V2, { web: WEB }, aCanary(V3)))).toBe(
      "  web-1  found stopped with code 1 (drift) · re-create shop-web-production-1.5.0-0c0ffee0" +
        " · give shop-web-production-1.5.0-0c0ffee0 10 % of the requests with a cookie kamal-rollout of shop-web-production   gap 0 s",
    );
  });
});

describe("the preview that was promised", () => {
  it("shows an update of web and worker with drift, an edited environment, and the way back", () => {
    const before = { ...ROLES, web: { ...ROLES.web, env: { RATE_LIMIT: "20" } } };
    const after = { ...ROLES, web: { ...ROLES.web, env: { RATE_LIMIT: "10", FEATURE_X: "on" } } };
    const fleet = { "web-1": serving(v1), "web-2": serving(exited(v1, 137)), "jobs-1": aHost([worker1]) };
    const wanted = aRelease(V2, after, { secrets: { STRIPE_KEY: "sk_live_other" } });
    const start = "start shop-web-production-1.4.2-ab12cd34 · switch shop-web-production · drain ≤ 30 s";
    expect(preview(wanted, { inputs: aRelease(V1, before), fleet })).toEqual([
      "release 1.4.2-ab12cd34  (was 1.4.1-77aa01ef)   image shop@sha256:9f310000…  (was shop@sha256:04bd0000…)   env: +FEATURE_X, ~RATE_LIMIT, secret ~STRIPE_KEY",
      "  jobs-1  start shop-worker-production-1.4.2-ab12cd34 after web is healthy · stop shop-worker-production-1.4.1-77aa01ef (≤ 60 s to finish)   overlap ≤ 60 s",
      `  web-1   ${start} · stop shop-web-production-1.4.1-77aa01ef (≤ 10 s to finish)   gap 0 s`,
      `  web-2   ${start}   was down`,
      "  rollback to 1.4.1-77aa01ef stays possible on all hosts",
    ]);
  });
});
