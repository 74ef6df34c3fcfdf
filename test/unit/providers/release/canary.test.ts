import { describe, expect, it } from "vitest";
import type { Fleet, FoundHost, FoundRoute } from "../../../../providers/release/fleet.ts";
import { planRelease } from "../../../../providers/release/plan.ts";
import { aCanary, aContainer, aHost, aRelease, aRouteTo, exited, serving, V1, V2, V3, WEB, WORKER } from "./fixture.ts";
import { planned } from "./planned.ts";

const [v1, v2, v3] = [aContainer(V1), aContainer(V2), aContainer(V3)];
const STABLE = "shop-web-production-1.4.2-ab12cd34";
const TRIED = "shop-web-production-1.5.0-0c0ffee0";
const ROUTE_NAME = "shop-web-production";
const give = (share: string): string => `web-1: give ${TRIED} ${share} of ${ROUTE_NAME}`;
const GIVE = give("10 % of the requests with a cookie kamal-rollout");

/** What the proxy holds when 1.5.0 has a share beside 1.4.2. */
const shared = (share: Partial<NonNullable<FoundRoute["rollout"]>> = {}, to = v3): FoundRoute =>
  aRouteTo(v2, undefined, { rollout: { targets: aRouteTo(to).targets, percent: 10, allow: [], ...share } });

const onWeb1 = (host: FoundHost, canary: object = aCanary(V3), release: string = V2): string[] =>
  planned(aRelease(release, { web: WEB }, canary), { "web-1": host });

describe("a canary", () => {
  const table: readonly (readonly [what: string, host: FoundHost, operations: readonly string[]])[] = [
    ["begins beside the release, which stays", serving(v2), [`web-1: start ${TRIED}`, GIVE]],
    ["that has its share needs nothing", aHost([v2, v3], [shared()]), []],
    ["of a dead run is adopted", serving(v2, v3), [GIVE]],
    ["gets its new share without a start", aHost([v2, v3], [shared({ percent: 50 })]), [GIVE]],
    ["that was given to some by hand gets its share", aHost([v2, v3], [shared({ allow: ["ann"] })]), [GIVE]],
    [
      "found stopped is started again and gets its share again",
      aHost([v2, exited(v3, 1)], [shared()]),
      [`web-1: remove ${TRIED} (leftover)`, `web-1: start ${TRIED}`, GIVE],
    ],
    ["whose share was taken away by hand gets it back", aHost([v2, v3], [aRouteTo(v2)]), [GIVE]],
    ["whose share leads to another container gets it", aHost([v2, v3], [shared({}, v1)]), [GIVE]],
    [
      "begins with a first release, and comes after it",
      aHost(),
      [`web-1: start ${STABLE}`, `web-1: start ${TRIED}`, `web-1: switch ${ROUTE_NAME} → ${STABLE} (release)`, GIVE],
    ],
  ];
  it.each(table)("%s", (_what, host, operations) => expect(onWeb1(host)).toEqual(operations));

  it("is given to those who are allowed", () => {
    const allowed = aCanary(V3, { to: "allowed", allow: ["beta", "ann"] });
    expect(onWeb1(aHost([v2, v3], [shared()]), allowed)).toEqual([give("the requests with kamal-rollout=beta or ann")]);
    expect(onWeb1(aHost([v2, v3], [shared({ percent: 0, allow: ["ann", "beta"] })]), allowed)).toEqual([]);
  });

  it("ends: the share first, then the container, which stays for a rollback", () => {
    expect(onWeb1(aHost([v2, v3], [shared()]), {})).toEqual([
      `web-1: end the canary of ${ROUTE_NAME}`,
      `web-1: stop ${TRIED} (≤ 10 s to finish)`,
    ]);
  });

  it("is promoted without a start: its container becomes the release", () => {
    expect(onWeb1(aHost([v2, v3], [shared()]), {}, V3)).toEqual([
      `web-1: switch ${ROUTE_NAME} → ${TRIED} (release from ${STABLE})`,
      `web-1: end the canary of ${ROUTE_NAME}`,
      `web-1: stop ${STABLE} (≤ 10 s to finish)`,
    ]);
  });

  it("survives a release beside it", () => {
    const found = aHost([v1, v3], [{ ...shared(), targets: aRouteTo(v1).targets }]);
    expect(onWeb1(found)).toEqual([
      `web-1: start ${STABLE}`,
      `web-1: switch ${ROUTE_NAME} → ${STABLE} (release from shop-web-production-1.4.1-77aa01ef)`,
      "web-1: stop shop-web-production-1.4.1-77aa01ef (≤ 10 s to finish)",
    ]);
  });

  it("has one container where the release has many, and none of a role without a route", () => {
    const roles = { web: { ...WEB, replicas: 2 }, worker: WORKER };
    const fleet: Fleet = {};
    const starts = planned(aRelease(V2, roles, aCanary(V3)), fleet).filter((operation) => operation.includes(": start "));
    expect(starts).toEqual([
      "jobs-1: start shop-worker-production-1.4.2-ab12cd34",
      `web-1: start ${STABLE}`,
      `web-1: start ${STABLE}.2`,
      `web-1: start ${TRIED}`,
    ]);
  });

  it("is in a wave, even if only its share changes: who has a share must be proved", () => {
    const plan = (host: FoundHost) => planRelease(aRelease(V2, { web: WEB }, aCanary(V3)), { "web-1": host });
    expect(plan(aHost([v2, v3], [shared({ percent: 50 })])).waves).toEqual([["web-1/web"]]);
    expect(plan(serving(v2)).waves).toEqual([["web-1/web"]]);
    expect(plan(aHost([v2, v3], [shared()])).waves).toEqual([]);
  });

  it("that only ends needs no wave: nothing has to be proved", () => {
    expect(planRelease(aRelease(V2), { "web-1": aHost([v2, v3], [shared()]) }).waves).toEqual([]);
  });

  it("that was ended by hand, and is promoted: nothing to take away", () => {
    expect(onWeb1(serving(v2, v3), {}, V3)).toEqual([
      `web-1: switch ${ROUTE_NAME} → ${TRIED} (release from ${STABLE})`,
      `web-1: stop ${STABLE} (≤ 10 s to finish)`,
    ]);
  });
});
