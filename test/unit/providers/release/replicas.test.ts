import { describe, expect, it } from "vitest";
import type { RoleSpec } from "../../../../core/release/role.ts";
import type { FoundHost } from "../../../../providers/release/fleet.ts";
import { planRelease } from "../../../../providers/release/plan.ts";
import { aContainer, aHost, aRelease, aRouteTo, exited, kamals, ROUTE, serving, V1, V2, V3, WEB, WORKER } from "./fixture.ts";
import { planned } from "./planned.ts";

const web = (replicas: number): RoleSpec => ({ ...WEB, replicas });
const onWeb1 = (host: FoundHost, replicas: number, retainContainers = 5): string[] =>
  planned(aRelease(V2, { web: web(replicas) }, { retainContainers }), { "web-1": host });

const NEW = "shop-web-production-1.4.2-ab12cd34";
const OLD = "shop-web-production-1.4.1-77aa01ef";
const [a, b, c] = [aContainer(V2), aContainer(V2, { replica: 2 }), aContainer(V2, { replica: 3 })];
const [old1, old2] = [aContainer(V1), aContainer(V1, { replica: 2 })];
const switchTo = (names: readonly string[], because: string) =>
  `web-1: switch shop-web-production → ${names.join(" + ")} (${because})`;

describe("several containers of one role on a host", () => {
  it("are named so that Kamal knows the first one", () => {
    expect([a.name, b.name, c.name]).toEqual([NEW, `${NEW}.2`, `${NEW}.3`]);
  });

  const table: readonly (readonly [found: string, host: FoundHost, replicas: number, operations: readonly string[]])[] = [
    [
      "nothing: starts all, and switches to all at once",
      aHost(),
      2,
      [`web-1: start ${NEW}`, `web-1: start ${NEW}.2`, switchTo([NEW, `${NEW}.2`], "release")],
    ],
    ["all of them serving: does nothing", aHost([a, b], [aRouteTo([a, b])]), 2, []],
    ["all of them, given to the proxy in another order: does nothing", aHost([a, b], [aRouteTo([b, a])]), 2, []],
    [
      "one too few: starts the missing one, switches to all",
      serving(a),
      2,
      [`web-1: start ${NEW}.2`, switchTo([NEW, `${NEW}.2`], "replicas")],
    ],
    [
      "the first one gone: starts it under its own name, switches to all",
      serving(b),
      2,
      [`web-1: start ${NEW}`, switchTo([NEW, `${NEW}.2`], "replicas")],
    ],
    [
      "one that exited: removes it, starts it again, switches to all, since its target differs",
      aHost([a, exited(b, 1)], [aRouteTo([a, b])]),
      2,
      [`web-1: remove ${NEW}.2 (leftover)`, `web-1: start ${NEW}.2`, switchTo([NEW, `${NEW}.2`], "replicas")],
    ],
    [
      "one too many: switches to the others, then stops it and removes it, as it is nothing to go back to",
      aHost([a, b, c], [aRouteTo([a, b, c])]),
      2,
      [
        switchTo([NEW, `${NEW}.2`], `replicas from ${NEW}.3`),
        `web-1: stop ${NEW}.3 (≤ 10 s to finish)`,
        `web-1: remove ${NEW}.3 (retired)`,
      ],
    ],
    [
      "one too many that gets no requests: only stops and removes it",
      aHost([a, b], [aRouteTo(a)]),
      1,
      [`web-1: stop ${NEW}.2 (≤ 10 s to finish)`, `web-1: remove ${NEW}.2 (retired)`],
    ],
    [
      "all running, one without requests: switches to all",
      aHost([a, b], [aRouteTo(a)]),
      2,
      [switchTo([NEW, `${NEW}.2`], "replicas")],
    ],
    [
      "two of the release before: swaps both",
      aHost([old1, old2], [aRouteTo([old1, old2])]),
      2,
      [
        ...[`web-1: start ${NEW}`, `web-1: start ${NEW}.2`],
        switchTo([NEW, `${NEW}.2`], `release from ${OLD} + ${OLD}.2`),
        ...[`web-1: stop ${OLD} (≤ 10 s to finish)`, `web-1: stop ${OLD}.2 (≤ 10 s to finish)`],
      ],
    ],
    [
      "a dead run's first of two beside the old one: adopts it, starts the second",
      serving(old1, a),
      2,
      [`web-1: start ${NEW}.2`, switchTo([NEW, `${NEW}.2`], `release from ${OLD}`), `web-1: stop ${OLD} (≤ 10 s to finish)`],
    ],
    ["one renamed by hand: leaves it", aHost([a, { ...b, name: "renamed" }], [aRouteTo([a, b])]), 2, []],
    [
      "one renamed by hand, and one too few: counts it, and switches to its name",
      aHost([a, { ...b, name: "renamed" }], [aRouteTo([a, b])]),
      3,
      [`web-1: start ${NEW}.3`, switchTo([NEW, "renamed", `${NEW}.3`], "replicas")],
    ],
    [
      "another port for both: sets the route once",
      aHost([a, b], [aRouteTo([a, b], { ...ROUTE, appPort: 80 })]),
      2,
      [switchTo([NEW, `${NEW}.2`], "route")],
    ],
    [
      "Kamal's one: swaps it for two",
      serving(kamals("1.4.0")),
      2,
      [
        ...[`web-1: start ${NEW}`, `web-1: start ${NEW}.2`],
        switchTo([NEW, `${NEW}.2`], "release from shop-web-production-1.4.0"),
        "web-1: stop shop-web-production-1.4.0 (≤ 10 s to finish)",
      ],
    ],
  ];
  it.each(table)("finds %s", (_found, host, replicas, operations) => expect(onWeb1(host, replicas)).toEqual(operations));

  it("of a worker are started and stopped without a route", () => {
    const jobs = aContainer(V1, { role: "worker" });
    expect(planned(aRelease(V2, { worker: { ...WORKER, replicas: 2 } }), { "jobs-1": aHost([jobs]) })).toEqual([
      "jobs-1: start shop-worker-production-1.4.2-ab12cd34",
      "jobs-1: start shop-worker-production-1.4.2-ab12cd34.2",
      "jobs-1: stop shop-worker-production-1.4.1-77aa01ef (≤ 60 s to finish)",
    ]);
  });

  it("are all that was live, for the revert", () => {
    const fleet = { "web-1": aHost([old1, old2], [aRouteTo([old1, old2])]) };
    expect(planRelease(aRelease(V2, { web: web(2) }), fleet).before).toEqual([{ slot: "web-1/web", live: [old1, old2] }]);
  });
});

describe("retain_containers of a role with replicas", () => {
  const [old3, older1, older2] = [
    aContainer(V1, { replica: 3 }),
    exited(aContainer("1.0.0-aaaaaaaa", { created: 1 })),
    exited(aContainer("1.0.0-aaaaaaaa", { created: 2, replica: 2 })),
  ];
  const removed = (host: FoundHost, replicas: number, retain: number): string[] =>
    onWeb1(host, replicas, retain).filter((operation) => operation.includes(": remove "));

  it("counts releases, not containers", () => {
    const host = aHost([old1, old2, old3, older1, older2], [aRouteTo([old1, old2, old3])]);
    expect(removed(host, 3, 2)).toEqual([]);
    expect(removed(host, 3, 1)).toEqual([`web-1: remove ${older1.name} (retired)`, `web-1: remove ${older2.name} (retired)`]);
    expect(removed(host, 3, 0)).toHaveLength(5);
  });

  it("keeps what one could go back to when the release has one container less", () => {
    const host = aHost([a, b, exited(old1)], [aRouteTo([a, b])]);
    expect(removed(host, 1, 1)).toEqual([`web-1: remove ${NEW}.2 (retired)`]);
  });

  it("does not keep what a renamed container has left of its name", () => {
    const host = aHost([{ ...a, id: "f".repeat(64), name: "renamed" }, exited(a)], [aRouteTo({ ...a, id: "f".repeat(64) })]);
    expect(onWeb1(host, 1)).toEqual([`web-1: remove ${NEW} (retired)`]);
  });

  it("keeps retired ones of a younger release, too: after a rollback one may go forward again", () => {
    expect(removed(serving(a, exited(aContainer(V3)), older1), 1, 1)).toEqual([`web-1: remove ${older1.name} (retired)`]);
  });
});
