import { describe, expect, it } from "vitest";
import { STOPPED_MESSAGE } from "../../../../core/release/maintenance.ts";
import type { Slot } from "../../../../core/words.ts";
import { describePlan, describe as inWords } from "../../../../providers/release/describe.ts";
import type { Fleet, Found, FoundRoute } from "../../../../providers/release/fleet.ts";
import { isRoutine } from "../../../../providers/release/operation.ts";
import { slotsOn } from "../../../../providers/release/part.ts";
import { planRelease } from "../../../../providers/release/plan.ts";
import {
  describeActions,
  planAppStop,
  planEndOfMaintenance,
  planMaintenance,
} from "../../../../providers/release/plan-app-stop.ts";
import { describeRestart, hasOutage, leftAfter, planRestart, type Way } from "../../../../providers/release/plan-restart.ts";
import { restartingName, stoppedName } from "../../../../providers/release/taken-out.ts";
import {
  aCanary,
  aContainer,
  aFleet,
  aHost,
  anImage,
  aRelease,
  aRouteTo,
  exited,
  lost,
  serving,
  V1,
  V2,
  WEB,
  WORKER,
} from "./fixture.ts";

const ROLES = { web: { ...WEB, hosts: ["web-1", "web-2"] }, worker: WORKER };
const RELEASE = aRelease(V2, ROLES);
const ALL = slotsOn(RELEASE, { roles: ["web", "worker"], hosts: ["jobs-1", "web-1", "web-2"] });
const web = aContainer(V2);
const worker = aContainer(V2, { role: "worker" });
const NAME = web.name;
const WORKER_NAME = worker.name;
const FLEET = aFleet({ "web-1": serving(web, exited(aContainer(V1))), "web-2": serving(web), "jobs-1": aHost([worker]) });

const planned = (fleet: Fleet, way: Way = "restart", slots: ReadonlySet<Slot> = ALL, release = RELEASE): string[] =>
  planRestart(release, fleet, slots, way)
    .plan.operations.filter((operation) => !isRoutine(operation))
    .map((operation) => `${operation.host}: ${inWords(operation)}`);
const marked = (container: Found): Found => ({ ...container, name: restartingName(container.name) });
const stopped = (container: Found): Found => exited({ ...container, name: stoppedName(container.name) });
const closed = (message: string): FoundRoute["state"] => ({ kind: "stopped", message });
const at = (state: FoundRoute["state"], container = web) => aHost([container], [aRouteTo(container, undefined, { state })]);

describe("a restart", () => {
  it("starts the same release beside what runs, moves the requests, and stops and removes what ran", () => {
    const only = new Set<Slot>(["web-1/web"]);
    expect(planned(FLEET, "restart", only)).toEqual([
      `web-1: start ${NAME}`,
      "web-1: switch shop-web-production",
      `web-1: stop ${NAME}.restarting (≤ 10 s to finish)`,
      `web-1: remove ${NAME}.restarting (retired)`,
    ]);
  });

  it("frees the names first, of what runs and of nothing else", () => {
    const { renamings } = planRestart(RELEASE, FLEET, ALL, "restart");
    expect(renamings.map(({ host, from, to }) => `${host}: ${from} → ${to}`)).toEqual([
      `web-1: ${NAME} → ${NAME}.restarting`,
      `web-2: ${NAME} → ${NAME}.restarting`,
      `jobs-1: ${WORKER_NAME} → ${WORKER_NAME}.restarting`,
    ]);
  });

  it("touches no other role of the same host, no earlier release, no image, volume or command of the app", () => {
    const both = { web: { ...WEB, hosts: ["web-1"] }, worker: { ...WORKER, hosts: ["web-1"] } };
    const release = aRelease(V2, both);
    const host = aHost([web, worker, exited(aContainer(V1))], [aRouteTo(web)], {
      images: [anImage(V1)],
      assets: ["shop-web-production-assets-old"],
      helpers: [{ id: "1", name: "helper", image: "sha256:1" }],
    });
    const lines = planned(aFleet({ "web-1": host }), "restart", new Set<Slot>(["web-1/worker"]), release);
    expect(lines).toEqual([
      `web-1: start ${WORKER_NAME}`,
      `web-1: stop ${WORKER_NAME}.restarting (≤ 60 s to finish)`,
      `web-1: remove ${WORKER_NAME}.restarting (retired)`,
    ]);
  });

  it("goes through the hosts as boot says", () => {
    const { plan } = planRestart({ ...RELEASE, boot: { limit: 1, wait: 5, parallelRoles: true } }, FLEET, ALL, "restart");
    expect(plan.waves).toEqual([["web-1/web"], ["web-2/web"], ["jobs-1/worker"]]);
  });

  it("says what is restarted, and that no request fails", () => {
    const planned = planRestart(RELEASE, FLEET, ALL, "restart");
    expect(describeRestart(planned)).toEqual([
      `  jobs-1        restart ${WORKER_NAME}`,
      `  web-1, web-2  restart ${NAME}   gap 0 s`,
    ]);
    expect(hasOutage(planned)).toBe(false);
  });

  it("names the gap of a role that stops first", () => {
    const release = aRelease(V2, { web: { ...WEB, strategy: "stop-first" } });
    const planned = planRestart(release, aFleet({ "web-1": serving(web) }), new Set<Slot>(["web-1/web"]), "restart");
    expect(hasOutage(planned)).toBe(true);
    expect(describeRestart(planned)).toEqual([`  web-1  restart ${NAME}   requests wait while nothing runs`]);
  });

  it("restarts the canary with its release", () => {
    const release = aRelease(V1, { web: WEB }, aCanary(V2));
    const main = aContainer(V1);
    const route = aRouteTo(main, undefined, { rollout: { targets: [`${web.id.slice(0, 12)}:3000`], percent: 10, allow: [] } });
    const fleet = aFleet({ "web-1": aHost([main, web], [route]) });
    const lines = planned(fleet, "restart", new Set<Slot>(["web-1/web"]), release);
    expect(lines).toContain(`web-1: start ${main.name}`);
    expect(lines).toContain(`web-1: start ${NAME}`);
  });

  it("that was killed is completed by the next run of any kind, and nothing is left to do after it", () => {
    const dead = aFleet({ "web-1": aHost([marked(web)], [aRouteTo(web)]), "web-2": serving(web), "jobs-1": aHost([worker]) });
    expect(planRelease(RELEASE, dead).operations.map(({ do: what }) => what)).toEqual([
      "start",
      "set-limits",
      "switch",
      "stop",
      "remove",
    ]);
    expect(planned(dead, "start")).toHaveLength(4);
    expect(leftAfter(RELEASE, FLEET, ALL).operations).toEqual([]);
    expect(leftAfter(RELEASE, dead, ALL).operations).not.toEqual([]);
  });

  it("is none where something else runs than the state declares", () => {
    const fleet = { ...FLEET, "web-2": serving(aContainer(V1)) };
    expect(planRestart(RELEASE, fleet, ALL, "restart").strange).toEqual([{ slot: "web-2/web", runs: V1 }]);
    expect(planRestart(RELEASE, FLEET, ALL, "restart").strange).toEqual([]);
  });

  it("knows of a host that cannot be asked", () => {
    const { plan } = planRestart(RELEASE, { ...FLEET, "web-2": lost() }, ALL, "restart");
    expect(plan.unreachable.map(({ host }) => host)).toEqual(["web-2"]);
    expect(planRestart(RELEASE, { ...FLEET, "web-2": lost() }, new Set<Slot>(["web-1/web"]), "restart").plan.unreachable).toEqual(
      [],
    );
  });

  it("does not end a maintenance that the state does not know yet", () => {
    const fleet = { ...FLEET, "web-1": at(closed("Back soon")) };
    expect(planned(fleet, "restart", new Set<Slot>(["web-1/web"])).join()).not.toContain("let requests reach");
  });
});

describe("a start", () => {
  it("has nothing to do where all runs", () => {
    expect(planned(FLEET, "start")).toEqual([]);
    expect(describeRestart(planRestart(RELEASE, FLEET, ALL, "start"))).toEqual([]);
  });

  it("brings back what was stopped, and lets requests in that the stop turned away", () => {
    const host = at(closed(STOPPED_MESSAGE), stopped(web));
    const fleet = { ...FLEET, "web-1": host, "jobs-1": aHost([stopped(worker)]) };
    expect(planned(fleet, "start")).toEqual([
      `jobs-1: start ${WORKER_NAME}`,
      `web-1: start ${NAME}`,
      "web-1: switch shop-web-production",
      "web-1: let requests reach shop-web-production again (it is stopped)",
      `jobs-1: remove ${WORKER_NAME}.stopped (retired)`,
      `web-1: remove ${NAME}.stopped (retired)`,
    ]);
    expect(describeRestart(planRestart(RELEASE, fleet, ALL, "start"))).toEqual([
      `  jobs-1  start ${WORKER_NAME}   was down`,
      `  web-1   start ${NAME}   was down`,
    ]);
  });
});

describe("a stop", () => {
  it("turns requests away, then stops everything of these slots, whatever its release", () => {
    const fleet = { ...FLEET, "web-1": serving(web, aContainer(V1)) };
    expect(describeActions(planAppStop(RELEASE, fleet, ALL))).toEqual([
      `  jobs-1  stop ${WORKER_NAME} (≤ 60 s to finish)`,
      `  web-1   answer 503 for shop-web-production: "${STOPPED_MESSAGE}" · stop ${NAME} (≤ 10 s to finish) · stop ${aContainer(V1).name} (≤ 10 s to finish)`,
      `  web-2   answer 503 for shop-web-production: "${STOPPED_MESSAGE}" · stop ${NAME} (≤ 10 s to finish)`,
    ]);
  });

  it("leaves other slots alone, and a page of maintenance as it is", () => {
    const fleet = { ...FLEET, "web-1": at(closed("Back soon")) };
    expect(planAppStop(RELEASE, fleet, new Set<Slot>(["web-1/web"])).map(({ do: what, host }) => `${what} ${host}`)).toEqual([
      "stop web-1",
    ]);
  });

  it("has nothing to do twice", () => {
    const fleet = aFleet({ "web-1": at(closed(STOPPED_MESSAGE), stopped(web)), "jobs-1": aHost([stopped(worker)]) });
    expect(planAppStop(RELEASE, fleet, ALL)).toEqual([]);
  });

  it("is undone by the next update, whose plan says that a person stopped it", () => {
    const release = aRelease(V2);
    const fleet = aFleet({ "web-1": at(closed(STOPPED_MESSAGE), stopped(web)) });
    const plan = planRelease(release, fleet);
    const text = describePlan(plan, release, { inputs: release, fleet });
    expect(text).toContain(`web-1  found stopped by slipway stop · start ${NAME}`);
    expect(text).toContain("let requests reach shop-web-production again (it is stopped)");
    expect(text).not.toContain("drift");
  });

  it("counts as one of the kept releases once another one is released", () => {
    const fleet = aFleet({ "web-1": at(closed(STOPPED_MESSAGE), stopped(aContainer(V1))) });
    expect(planRelease(aRelease(V2), fleet).operations.map(({ do: what }) => what)).toEqual([
      "start",
      "set-limits",
      "switch",
      "open",
    ]);
  });
});

describe("maintenance by command", () => {
  it("closes every route of the app but those that slipway stop has closed", () => {
    const fleet = { ...FLEET, "web-2": at(closed(STOPPED_MESSAGE), stopped(web)) };
    expect(describeActions(planMaintenance(RELEASE, fleet, ALL, "Back soon"))).toEqual([
      '  web-1  answer 503 for shop-web-production: "Back soon"',
    ]);
  });

  it("changes the message, and has nothing to do twice", () => {
    const fleet = aFleet({ "web-1": at(closed("Back soon")) });
    expect(planMaintenance(RELEASE, fleet, ALL, "Back soon")).toEqual([]);
    expect(planMaintenance(RELEASE, fleet, ALL, "Back at ten")).toHaveLength(1);
  });

  it("ends where it is, and lets nothing in to what is stopped", () => {
    const fleet = aFleet({ "web-1": at(closed("Back soon")), "web-2": at(closed(STOPPED_MESSAGE), stopped(web)) });
    expect(describeActions(planEndOfMaintenance(RELEASE, fleet, ALL))).toEqual([
      "  web-1  let requests reach shop-web-production again (it is in maintenance)",
    ]);
    expect(planEndOfMaintenance(RELEASE, FLEET, ALL)).toEqual([]);
  });
});
