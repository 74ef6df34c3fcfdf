import { describe, expect, it } from "vitest";
import type { RoleSpec } from "../../../../core/release/role.ts";
import type { FoundHost } from "../../../../providers/release/fleet.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { isRoutine } from "../../../../providers/release/operation.ts";
import { isEmpty, planRelease } from "../../../../providers/release/plan.ts";
import {
  aContainer,
  aHost,
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
import { planned } from "./planned.ts";

const onWeb1 = (host: FoundHost, changes: Partial<ReleaseInputs> = {}): string[] =>
  planned(aRelease(V2, { web: WEB }, changes), { "web-1": host });

const NEW = "shop-web-production-1.4.2-ab12cd34";
const OLD = "shop-web-production-1.4.1-77aa01ef";
const SWITCH = `web-1: switch shop-web-production → ${NEW}`;
const FIRST_RELEASE = [`web-1: start ${NEW}`, `${SWITCH} (release)`];
const SWAP = [`web-1: start ${NEW}`, `${SWITCH} (release from ${OLD})`, `web-1: stop ${OLD} (≤ 10 s to finish)`];

const [v1, v2, v3] = [aContainer(V1), aContainer(V2), aContainer(V3)];
const elsewhere = { ...ROUTE, hosts: ["old.example"] };

describe("one web host that should run 1.4.2", () => {
  const table: readonly (readonly [found: string, host: FoundHost, operations: readonly string[]])[] = [
    ["nothing: starts it and routes to it", aHost(), FIRST_RELEASE],
    ["1.4.2 serving: does nothing", serving(v2), []],
    ["1.4.1 serving: starts, switches, then stops", serving(v1), SWAP],
    [
      "a dead run's candidate beside 1.4.1: adopts it",
      serving(v1, v2),
      [`${SWITCH} (release from ${OLD})`, `web-1: stop ${OLD} (≤ 10 s to finish)`],
    ],
    [
      "a dead run's switch: only stops what was replaced",
      aHost([v1, v2], [aRouteTo(v2)]),
      [`web-1: stop ${OLD} (≤ 10 s to finish)`],
    ],
    [
      "1.4.2 that exited: removes it to free its name, starts it again",
      serving(exited(v2, 1)),
      [`web-1: remove ${NEW} (leftover)`, ...FIRST_RELEASE],
    ],
    ["1.4.2 that exited, 1.4.1 serving again: swaps", serving(v1, exited(v2, 1)), [`web-1: remove ${NEW} (leftover)`, ...SWAP]],
    [
      "1.4.1 that Docker starts again and again beside 1.4.2: stops it",
      aHost([{ ...v1, running: false, status: "restarting" }, v2], [aRouteTo(v2)]),
      [`web-1: stop ${OLD} (≤ 10 s to finish)`],
    ],
    ["1.4.2 without a route: routes to it", aHost([v2]), [`${SWITCH} (route)`]],
    ["1.4.2 under another host name: sets the route", aHost([v2], [aRouteTo(v2, elsewhere)]), [`${SWITCH} (route)`]],
    ["1.4.2 on another port: sets the route", aHost([v2], [aRouteTo(v2, { ...ROUTE, appPort: 80 })]), [`${SWITCH} (route)`]],
    [
      "a route to two targets: sets the route",
      aHost([v2], [{ ...aRouteTo(v2), targets: [...aRouteTo(v2).targets, "4d4d4d4d4d4d:3000"] }]),
      [`${SWITCH} (route)`],
    ],
    ["a route to a container that is gone: routes to 1.4.2", aHost([v2], [aRouteTo(v1)]), [`${SWITCH} (route)`]],
    ["a route to a container that is gone, and nothing else: first release", aHost([], [aRouteTo(v1)]), FIRST_RELEASE],
    ["1.4.1 running without a route: replaces it", aHost([v1]), [...FIRST_RELEASE, `web-1: stop ${OLD} (≤ 10 s to finish)`]],
    [
      "Kamal's container serving: an ordinary swap",
      serving(kamals("1.4.0")),
      [
        `web-1: start ${NEW}`,
        `${SWITCH} (release from shop-web-production-1.4.0)`,
        "web-1: stop shop-web-production-1.4.0 (≤ 10 s to finish)",
      ],
    ],
    [
      "two strays beside 1.4.2: stops both, keeps them for a rollback",
      aHost([v1, v2, v3], [aRouteTo(v2)]),
      [`web-1: stop ${OLD} (≤ 10 s to finish)`, "web-1: stop shop-web-production-1.5.0-0c0ffee0 (≤ 10 s to finish)"],
    ],
    [
      "1.4.2 with an edited limit: undoes the edit, no swap",
      serving({ ...v2, edited: ["memory 64 MB → no limit"] }),
      [`web-1: undo the edit of ${NEW} (memory 64 MB → no limit)`],
    ],
    [
      "1.4.2 edited and not yet routed: both",
      serving(v1, { ...v2, edited: ["restart no → unless-stopped"] }),
      [
        `${SWITCH} (release from ${OLD})`,
        `web-1: undo the edit of ${NEW} (restart no → unless-stopped)`,
        `web-1: stop ${OLD} (≤ 10 s to finish)`,
      ],
    ],
    ["1.4.2 renamed by hand and serving: leaves it", serving({ ...v2, name: "renamed" }), []],
  ];
  it.each(table)("finds %s", (_found, host, operations) => expect(onWeb1(host)).toEqual(operations));

  it("is empty exactly when the fleet is as wanted", () => {
    expect(isEmpty(planRelease(aRelease(V2), { "web-1": serving(v2) }))).toBe(true);
    expect(isEmpty(planRelease(aRelease(V2), {}))).toBe(false);
  });

  it("gives the run what was live, for the revert", () => {
    expect(planRelease(aRelease(V2), { "web-1": serving(v1, v2) }).before).toEqual([{ slot: "web-1/web", live: [v1] }]);
  });

  it("takes the route away of a role that left the proxy", () => {
    const { proxy: _gone, ...web } = WEB;
    expect(planned(aRelease(V2, { web }), { "web-1": serving(v2) })).toEqual(["web-1: remove the route shop-web-production"]);
  });

  it("names the service that has its address, and is not empty", () => {
    const host: FoundHost = { ...serving(v2), clashes: [{ role: "web", service: "blog-web", at: "shop.example/" }] } as FoundHost;
    const plan = planRelease(aRelease(V2), { "web-1": host });
    expect(plan.clashes).toEqual([{ host: "web-1", role: "web", service: "blog-web", at: "shop.example/" }]);
    expect(isEmpty(plan)).toBe(false);
  });
});

describe("retain_containers", () => {
  const old = ["0.1.0-aaaaaaaa", "0.2.0-bbbbbbbb", "0.3.0-cccccccc", "0.4.0-dddddddd", "0.5.0-eeeeeeee", "0.6.0-ffffffff"].map(
    (release, at) => exited(aContainer(release, { created: at })),
  );
  const removed = (retainContainers: number, live = v1): string[] =>
    onWeb1(serving(live, ...old), { retainContainers })
      .filter((operation) => operation.includes(": remove "))
      .map((operation) => operation.replace("web-1: remove shop-web-production-", ""));

  it("0 keeps none, not even what was just replaced", () => {
    expect(removed(0)).toHaveLength(7);
    expect(removed(0)[0]).toBe("1.4.1-77aa01ef (retired)");
  });
  it("1 keeps what was just replaced", () => {
    expect(removed(1)).toEqual(old.map(({ release }) => `${release} (retired)`).reverse());
  });
  it("5 keeps the replaced one and the youngest four", () => {
    expect(removed(5)).toEqual(["0.2.0-bbbbbbbb (retired)", "0.1.0-aaaaaaaa (retired)"]);
  });
  it("keeps as many when nothing is replaced", () => {
    expect(removed(5, v2)).toEqual(["0.1.0-aaaaaaaa (retired)"]);
  });
  it("counts the replaced one as young, however old it is: a rollback may be rolled back", () => {
    expect(onWeb1(serving({ ...v1, created: -1 }, ...old), { retainContainers: 1 })).not.toContain(
      `web-1: remove ${OLD} (retired)`,
    );
  });
  it("leaves what runs unremoved until it is stopped", () => {
    const operations = onWeb1(serving(v1), { retainContainers: 0 });
    expect(operations).toEqual([...SWAP, `web-1: remove ${OLD} (retired)`]);
  });
});

describe("a fleet", () => {
  const web = (...hosts: string[]): RoleSpec => ({ ...WEB, hosts });
  const worker = aContainer(V1, { role: "worker" });
  const newWorker = aContainer(V2, { role: "worker" });

  it("starts everywhere before it switches anywhere, and switches everywhere before it stops anything", () => {
    const kinds = planRelease(aRelease(V2, { web: web("web-2", "web-1"), worker: WORKER }), {
      "web-1": serving(v1),
      "web-2": serving(v1),
      "jobs-1": aHost([worker]),
    })
      .operations.filter((operation) => !isRoutine(operation))
      .map(({ do: kind, host }) => `${kind} ${host}`);
    expect(kinds).toEqual([
      "start jobs-1",
      "start web-1",
      "start web-2",
      "switch web-1",
      "switch web-2",
      "stop jobs-1",
      "stop web-1",
      "stop web-2",
    ]);
  });

  it("never routes to a worker, and gives it its own time to finish", () => {
    expect(planned(aRelease(V2, { worker: WORKER }), { "jobs-1": aHost([worker]) })).toEqual([
      "jobs-1: start shop-worker-production-1.4.2-ab12cd34",
      "jobs-1: stop shop-worker-production-1.4.1-77aa01ef (≤ 60 s to finish)",
    ]);
    expect(planned(aRelease(V2, { worker: WORKER }), { "jobs-1": aHost([newWorker]) })).toEqual([]);
  });

  it("takes everything off a host that left", () => {
    expect(planned(aRelease(V2), { "web-1": serving(v2), "web-2": serving(v2, exited(v1)) })).toEqual([
      "web-2: remove the route shop-web-production",
      `web-2: stop ${NEW} (≤ 10 s to finish)`,
      `web-2: remove ${NEW} (withdrawn)`,
      `web-2: remove ${OLD} (withdrawn)`,
    ]);
  });

  it("takes a role off a host that keeps another one", () => {
    const roles = { web: web("web-1"), worker: { ...WORKER, hosts: ["web-2"] } };
    const fleet = { "web-1": aHost([v2, newWorker], [aRouteTo(v2)]), "web-2": aHost([newWorker]) };
    expect(planned(aRelease(V2, roles), fleet)).toEqual([
      "web-1: stop shop-worker-production-1.4.2-ab12cd34 (≤ 60 s to finish)",
      "web-1: remove shop-worker-production-1.4.2-ab12cd34 (withdrawn)",
    ]);
  });

  it("gives a role that is no longer in the config the drain timeout", () => {
    const cron = aContainer(V1, { role: "cron" });
    expect(planned(aRelease(V2), { "web-1": aHost([v2, cron], [aRouteTo(v2)]) })[0]).toBe(
      "web-1: stop shop-cron-production-1.4.1-77aa01ef (≤ 30 s to finish)",
    );
  });

  it("takes the route away that a removed role left behind", () => {
    const ghost = { ...aRouteTo(v1), role: "admin" };
    expect(planned(aRelease(V2), { "web-1": aHost([v2], [aRouteTo(v2), ghost]) })).toEqual([
      "web-1: remove the route shop-admin-production",
    ]);
  });

  it("stops the run at a host that is wanted and cannot be reached", () => {
    const plan = planRelease(aRelease(V2, { web: web("web-1", "web-2") }), {
      "web-1": serving(v2),
      "web-2": lost("gone fishing"),
    });
    expect(plan.unreachable).toEqual([{ kind: "unreachable", host: "web-2", reason: "gone fishing" }]);
    expect(isEmpty(plan)).toBe(false);
  });

  it("stops the run at a host that it leaves and cannot ask: what runs there would go on to serve", () => {
    const plan = planRelease(aRelease(V2), { "web-1": serving(v2), "web-2": lost() });
    expect(plan.unreachable.map(({ host }) => host)).toEqual(["web-2"]);
    expect(isEmpty(plan)).toBe(false);
  });

  it("names containers and routes without a destination as Kamal does", () => {
    const { destination: _none, ...bare } = aRelease(V2);
    expect(planned(bare, {})).toEqual([
      "web-1: start shop-web-1.4.2-ab12cd34",
      "web-1: switch shop-web → shop-web-1.4.2-ab12cd34 (release)",
    ]);
  });

  it("is the same for the same values, and changes neither", () => {
    const [wanted, fleet] = [aRelease(V2), { "web-1": serving(v1, exited(v3)) }];
    const copy = structuredClone([wanted, fleet]);
    expect(planRelease(wanted, fleet)).toEqual(planRelease(wanted, fleet));
    expect([wanted, fleet]).toEqual(copy);
  });
});
