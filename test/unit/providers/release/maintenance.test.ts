import { describe, expect, it } from "vitest";
import type { FoundHost, FoundRoute } from "../../../../providers/release/fleet.ts";
import { aContainer, aHost, aRelease, aRouteTo, exited, serving, V1, V2, WEB, WORKER } from "./fixture.ts";
import { planned } from "./planned.ts";

const [v1, v2] = [aContainer(V1), aContainer(V2)];
const NEW = "shop-web-production-1.4.2-ab12cd34";
const OLD = "shop-web-production-1.4.1-77aa01ef";
const ROUTE_NAME = "shop-web-production";
const SWAP = [
  `web-1: start ${NEW}`,
  `web-1: switch ${ROUTE_NAME} → ${NEW} (release from ${OLD})`,
  `web-1: stop ${OLD} (≤ 10 s to finish)`,
];
const CLOSE = `web-1: answer 503 for ${ROUTE_NAME}: "Back soon"`;
const at = (state: FoundRoute["state"], container = v2): FoundHost =>
  aHost([container], [aRouteTo(container, undefined, { state })]);
const closed = (message: string): FoundRoute["state"] => ({ kind: "stopped", message });
const ON = { maintenance: { message: "Back soon" } };
const onWeb1 = (host: FoundHost, changes: object): string[] => planned(aRelease(V2, { web: WEB }, changes), { "web-1": host });

describe("maintenance", () => {
  const table: readonly (readonly [what: string, host: FoundHost, changes: object, operations: readonly string[]])[] = [
    ["closes a route that serves", serving(v2), ON, [CLOSE]],
    [
      "closes a new route when it is there",
      aHost(),
      ON,
      [CLOSE, SWAP[0], `web-1: switch ${ROUTE_NAME} → ${NEW} (release)`] as string[],
    ],
    ["closes before it swaps: a migration may rely on it", serving(v1), ON, [CLOSE, ...SWAP]],
    ["that holds needs nothing", at(closed("Back soon")), ON, []],
    ["survives a release", at(closed("Back soon"), v1), ON, SWAP],
    ["changes its message", at(closed("Back at 10")), ON, [CLOSE]],
    ["closes a route that someone paused", at({ kind: "paused" }), ON, [CLOSE]],
    ["that someone ended by hand is back", at({ kind: "running" }), ON, [CLOSE]],
    [
      "off opens the route",
      at(closed("Back soon")),
      {},
      [`web-1: let requests reach ${ROUTE_NAME} again (it is in maintenance)`],
    ],
    ["that is not declared ends", at(closed("")), {}, [`web-1: let requests reach ${ROUTE_NAME} again (it is in maintenance)`]],
    [
      "off opens when the new one serves",
      at(closed(""), v1),
      {},
      [...SWAP.slice(0, 2), `web-1: let requests reach ${ROUTE_NAME} again (it is in maintenance)`, SWAP[2]] as string[],
    ],
    [
      "is not what someone paused: requests are let in",
      at({ kind: "paused" }),
      {},
      [`web-1: let requests reach ${ROUTE_NAME} again (it is paused)`],
    ],
    [
      "closes what nothing answers for",
      serving(exited(v2, 1)),
      ON,
      [`web-1: remove ${NEW} (leftover)`, CLOSE, `web-1: start ${NEW}`, `web-1: switch ${ROUTE_NAME} → ${NEW} (release)`],
    ],
  ];
  it.each(table)("%s", (_what, host, changes, operations) => expect(onWeb1(host, changes)).toEqual(operations));

  it("without a message closes, too", () => {
    expect(onWeb1(serving(v2), { maintenance: { message: "" } })).toEqual([`web-1: answer 503 for ${ROUTE_NAME}`]);
    expect(onWeb1(at(closed("")), { maintenance: { message: "" } })).toEqual([]);
  });

  it("closes every proxied role everywhere, and leaves the others at work", () => {
    const roles = { web: { ...WEB, hosts: ["web-1", "web-2"] }, worker: WORKER };
    const fleet = { "web-1": serving(v2), "web-2": serving(v2), "jobs-1": aHost([aContainer(V2, { role: "worker" })]) };
    expect(planned(aRelease(V2, roles, ON), fleet)).toEqual([CLOSE, CLOSE.replace("web-1", "web-2")]);
  });
});
