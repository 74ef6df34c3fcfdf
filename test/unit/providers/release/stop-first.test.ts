import { describe, expect, it } from "vitest";
import type { RoleSpec } from "../../../../core/release/role.ts";
import type { FoundHost } from "../../../../providers/release/fleet.ts";
import { aContainer, aHost, aRelease, aRouteTo, exited, serving, V1, V2, WEB, WORKER } from "./fixture.ts";
import { planned } from "./planned.ts";

const web: RoleSpec = { ...WEB, strategy: "stop-first" };
const worker: RoleSpec = { ...WORKER, strategy: "stop-first" };
const onWeb1 = (host: FoundHost, role = web, changes = {}): string[] =>
  planned(aRelease(V2, { web: role }, changes), { "web-1": host });

const NEW = "shop-web-production-1.4.2-ab12cd34";
const OLD = "shop-web-production-1.4.1-77aa01ef";
const ROUTE_NAME = "shop-web-production";
const [v1, v2] = [aContainer(V1), aContainer(V2)];
const SWITCH = `web-1: switch ${ROUTE_NAME} → ${NEW}`;
const OUTAGE = [
  `web-1: hold requests to ${ROUTE_NAME}`,
  `web-1: stop ${OLD} first (≤ 10 s to finish)`,
  `web-1: start ${NEW}`,
  `${SWITCH} (release from ${OLD})`,
  `web-1: let requests reach ${ROUTE_NAME} again (it is paused)`,
];

describe("a role that stops first", () => {
  const table: readonly (readonly [found: string, host: FoundHost, operations: readonly string[]])[] = [
    ["1.4.1 serving: lets requests wait while it swaps", serving(v1), OUTAGE],
    ["nothing: starts as any other", aHost(), [`web-1: start ${NEW}`, `${SWITCH} (release)`]],
    ["1.4.2 serving: does nothing", serving(v2), []],
    [
      "1.4.2 that exited: nothing is in its way",
      serving(exited(v2, 1)),
      [`web-1: remove ${NEW} (leftover)`, `web-1: start ${NEW}`, `${SWITCH} (release)`],
    ],
    [
      "1.4.1 running without a route: halts it, but has no requests to hold",
      aHost([v1]),
      [`web-1: stop ${OLD} first (≤ 10 s to finish)`, `web-1: start ${NEW}`, `${SWITCH} (release)`],
    ],
    [
      "a run that died when it had stopped the old one: starts, switches, lets requests in",
      aHost([exited(v1)], [aRouteTo(v1, undefined, { state: { kind: "paused" } })]),
      [`web-1: start ${NEW}`, `${SWITCH} (release from ${OLD})`, `web-1: let requests reach ${ROUTE_NAME} again (it is paused)`],
    ],
    [
      "a run that died before it switched: switches, lets requests in",
      aHost([exited(v1), v2], [aRouteTo(v1, undefined, { state: { kind: "paused" } })]),
      [`${SWITCH} (release from ${OLD})`, `web-1: let requests reach ${ROUTE_NAME} again (it is paused)`],
    ],
    [
      "a run that died after the switch: lets requests in",
      aHost([exited(v1), v2], [aRouteTo(v2, undefined, { state: { kind: "paused" } })]),
      [`web-1: let requests reach ${ROUTE_NAME} again (it is paused)`],
    ],
    [
      "both running: the new one is there, so the old one need not go first",
      serving(v1, v2),
      [`${SWITCH} (release from ${OLD})`, `web-1: stop ${OLD} (≤ 10 s to finish)`],
    ],
    [
      "a route that someone paused: lets requests wait and in again",
      aHost([v1], [aRouteTo(v1, undefined, { state: { kind: "paused" } })]),
      OUTAGE,
    ],
    [
      "a route that someone closed: leaves it closed until the new one serves",
      aHost([v1], [aRouteTo(v1, undefined, { state: { kind: "stopped", message: "by hand" } })]),
      [...OUTAGE.slice(1, -1), `web-1: let requests reach ${ROUTE_NAME} again (it is in maintenance)`],
    ],
  ];
  it.each(table)("finds %s", (_found, host, operations) => expect(onWeb1(host)).toEqual(operations));

  it("holds nothing back in maintenance: requests are turned away", () => {
    const closed = aRouteTo(v1, undefined, { state: { kind: "stopped", message: "" } });
    expect(onWeb1(aHost([v1], [closed]), web, { maintenance: { message: "" } })).toEqual(OUTAGE.slice(1, -1));
  });

  it("holds and halts all its replicas at once, and starts only what is missing of the release", () => {
    const two = { ...web, replicas: 2 };
    const old2 = aContainer(V1, { replica: 2 });
    expect(onWeb1(aHost([v1, old2], [aRouteTo([v1, old2])]), two)).toEqual([
      `web-1: hold requests to ${ROUTE_NAME}`,
      `web-1: stop ${OLD} first (≤ 10 s to finish)`,
      `web-1: stop ${OLD}.2 first (≤ 10 s to finish)`,
      `web-1: start ${NEW}`,
      `web-1: start ${NEW}.2`,
      `${SWITCH} + ${NEW}.2 (release from ${OLD} + ${OLD}.2)`,
      `web-1: let requests reach ${ROUTE_NAME} again (it is paused)`,
    ]);
    expect(onWeb1(serving(v2), two)).toEqual([`web-1: start ${NEW}.2`, `${SWITCH} + ${NEW}.2 (replicas)`]);
  });

  it("is halted, not stopped at the end, and still kept for a rollback", () => {
    expect(onWeb1(serving(v1), web, { retainContainers: 0 })).toEqual([...OUTAGE, `web-1: remove ${OLD} (retired)`]);
    expect(onWeb1(serving(v1), web, { retainContainers: 1 })).toEqual(OUTAGE);
  });

  it("has its ports for itself: with ports of the host as without", () => {
    const publish = [{ ip: "127.0.0.1", hostPort: 8080, containerPort: 3000, protocol: "tcp" as const }];
    const role = { ...web, options: { ...web.options, publish } };
    expect(onWeb1(serving(v1), role)).toEqual(OUTAGE);
  });

  it("without a route only makes way", () => {
    expect(planned(aRelease(V2, { worker }), { "jobs-1": aHost([aContainer(V1, { role: "worker" })]) })).toEqual([
      "jobs-1: stop shop-worker-production-1.4.1-77aa01ef first (≤ 60 s to finish)",
      "jobs-1: start shop-worker-production-1.4.2-ab12cd34",
    ]);
  });

  it("stops a stray as any other role does when there is nothing to start", () => {
    const strays = aHost([aContainer(V1, { role: "worker" }), aContainer(V2, { role: "worker" })]);
    expect(planned(aRelease(V2, { worker }), { "jobs-1": strays })).toEqual([
      "jobs-1: stop shop-worker-production-1.4.1-77aa01ef (≤ 60 s to finish)",
    ]);
  });
});
