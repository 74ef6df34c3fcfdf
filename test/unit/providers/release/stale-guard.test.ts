import { describe, expect, it } from "vitest";
import { SlipwayError } from "../../../../core/error.ts";
import type { Fleet, FoundHost } from "../../../../providers/release/fleet.ts";
import { StaleGuard } from "../../../../providers/release/stale-guard.ts";
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
} from "./fixture.ts";

const [v1, v2, v3] = [aContainer(V1), aContainer(V2), aContainer(V3)];
const NEW = "shop-web-production-1.4.2-ab12cd34";
const OTHER = "shop-web-production-1.5.0-0c0ffee0";
const at = (host: FoundHost): Fleet => ({ "web-1": host });

/** The story of what `now` is refused for; nothing when it is fresh. */
function refused(guard: StaleGuard, now: Fleet): SlipwayError["story"] | undefined {
  try {
    guard.requireFresh(now);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof SlipwayError) return thrown.story;
    throw thrown;
  }
}

const evidence = (planned: Fleet | undefined, now: Fleet): readonly string[] =>
  refused(new StaleGuard(aRelease(V2), planned), now)?.evidence ?? [];

describe("a plan under the lease", () => {
  const fresh: readonly (readonly [what: string, planned: Fleet | undefined, now: Fleet])[] = [
    ["of a first deploy, which was made from nothing", undefined, at(serving(v1, v3))],
    ["of what is still there", at(serving(v1)), at(serving(v1))],
    ["of hosts that had nothing to do and have nothing to do", at(serving(v2)), at(serving(v2, exited(v1)))],
    ["of a container that has fallen over since", at(serving(v1)), at(serving(exited(v1, 1)))],
    ["of one that crash-loops: down then, up now", at(serving(exited(v2, 1))), at(serving(v2))],
    ["of one that crash-loops: up then, down now", at(serving(v2)), at(serving(exited(v2, 1)))],
    ["of an image that is not used any more", at(serving(v2, exited(v1))), at({ ...serving(v2), images: [anImage(V1)] })],
    ["of a host that could not be reached then", at(lost()), at(serving(v3))],
    ["of a host that cannot be reached now: preflight says so", at(serving(v1)), at(lost())],
    ["of a host that had not been looked at", {}, at(serving(v3))],
  ];
  it.each(fresh)("is true %s", (_what, planned, now) => expect(evidence(planned, now)).toEqual([]));

  const elsewhere = { ...ROUTE, hosts: ["other.example"] };
  const stale: readonly (readonly [what: string, planned: Fleet, now: Fleet, says: readonly string[]])[] = [
    [
      "another run has deployed",
      at(serving(v1)),
      at(serving(v3, exited(v1))),
      [`web-1: ${OTHER} appeared`, "web-1: the route of web leads to"],
    ],
    ["a container appeared beside", at(serving(v2)), at(serving(v2, v3)), [`web-1: ${OTHER} appeared`]],
    ["a container is gone", at(serving(v1, v2)), at(serving(v1)), [`web-1: ${NEW} is gone`]],
    [
      "the route was edited",
      at(serving(v2)),
      at(aHost([v2], [aRouteTo(v2, elsewhere)])),
      ["web-1: the route of web was edited: hosts"],
    ],
    ["the route is gone", at(serving(v2)), at(aHost([v2])), ["web-1: the route of web is gone"]],
    [
      "someone closed it",
      at(serving(v2)),
      at(aHost([v2], [aRouteTo(v2, undefined, { state: { kind: "stopped", message: "" } })])),
      ["web-1: the route of web is in maintenance now"],
    ],
    [
      "someone edited a route that the release would set anyway",
      at(serving(v1)),
      at(aHost([v1], [aRouteTo(v1, elsewhere)])),
      ["web-1: the route of web was edited: hosts"],
    ],
  ];
  it.each(stale)("is not true any more when %s", (_what, planned, now, says) => {
    const reported = evidence(planned, now);
    expect(reported).toHaveLength(says.length);
    for (const [line, start] of says.entries()) expect(reported[line]).toContain(start);
  });

  it("says what serves now, that nothing was changed, and what to do", () => {
    expect(refused(new StaleGuard(aRelease(V2), at(serving(v1))), at(serving(v3)))).toMatchObject({
      what: "the hosts changed after the plan was made",
      servesNow: "1.5.0-0c0ffee0 on web-1; this run changed nothing",
      next: "run pulumi up again: it plans from what is there now",
    });
  });
});

describe("after a lost connection", () => {
  /** StaleGuard that have let the run begin on `then`. */
  function begun(then: Fleet, wanted = aRelease(V2)): StaleGuard {
    const guard = new StaleGuard(wanted, then);
    guard.requireFresh(then);
    return guard;
  }

  it("its own changes are no surprise", () => {
    expect(refused(begun(at(serving(v1))), at(serving(v2, exited(v1))))).toBeUndefined();
    expect(refused(begun(at(serving(v1))), at(serving(v1, v2)))).toBeUndefined();
  });

  it("its canary is its own, too", () => {
    const wanted = aRelease(V2, { web: WEB }, aCanary(V3));
    expect(refused(begun(at(serving(v2)), wanted), at(serving(v2, v3)))).toBeUndefined();
  });

  it("another run's container stops it, and it says that it changes nothing more", () => {
    const story = refused(begun(at(serving(v1))), at(serving(v3, v2, exited(v1))));
    expect(story?.evidence).toEqual([`web-1: ${OTHER} appeared`]);
    expect(story?.servesNow).toBe("1.5.0-0c0ffee0 on web-1; this run changed nothing more");
  });

  it("so does one of Kamal's", () => {
    const story = refused(begun(at(serving(v1))), at(serving(v1, kamals("1.6.0"))));
    expect(story?.evidence).toEqual(["web-1: shop-web-production-1.6.0 appeared"]);
  });

  it("compares with what it began on, however often it guard", () => {
    const guard = begun(at(serving(v1)));
    expect(refused(guard, at(serving(v1, v2)))).toBeUndefined();
    expect(refused(guard, at(serving(v2, exited(v1))))).toBeUndefined();
    expect(refused(guard, at(serving(v2, exited(v1), v3)))?.evidence).toEqual([`web-1: ${OTHER} appeared`]);
  });

  it("a host that is away for a moment is no one's change", () => {
    expect(refused(begun(at(serving(v1))), at(lost()))).toBeUndefined();
  });

  it("a first deploy minds others from its first look on", () => {
    const guard = new StaleGuard(aRelease(V2), undefined);
    guard.requireFresh(at(serving(v1)));
    expect(refused(guard, at(serving(v1, v2)))).toBeUndefined();
    expect(refused(guard, at(serving(v1, v3)))?.evidence).toEqual([`web-1: ${OTHER} appeared`]);
  });
});
