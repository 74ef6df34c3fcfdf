import { describe, expect, it } from "vitest";
import type { RoleSpec } from "../../../../core/release/role.ts";
import { describePlan } from "../../../../providers/release/describe.ts";
import type { Found } from "../../../../providers/release/fleet.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { liveOf } from "../../../../providers/release/live.ts";
import { planRelease } from "../../../../providers/release/plan.ts";
import { finishingName, stoppingName } from "../../../../providers/release/taken-out.ts";
import { aContainer, aFleet, aHost, aRelease, exited, V1, V2, V3, WORKER } from "./fixture.ts";
import { planned } from "./planned.ts";

const LONG: RoleSpec = { ...WORKER, stopTimeout: 1800 };
const [V1_NAME, V2_NAME, V3_NAME] = [V1, V2, V3].map((release) => `shop-worker-production-${release}`) as [
  string,
  string,
  string,
];
const UNTIL = "2026-11-30T11:45:00.000Z";

const worker = (release: string, changes: Partial<Found> = {}) => aContainer(release, { role: "worker", ...changes });
const finishing = (release: string): Found => {
  const name = finishingName(worker(release).name, new Date(UNTIL));
  return worker(release, { name, finishing: { until: UNTIL } });
};
/** As it is found when it has ended. */
const finished = (release: string): Found => {
  const { finishing: _over, ...container } = finishing(release);
  return exited(container);
};
const release = (wanted: string, role: RoleSpec = LONG, changes: Partial<ReleaseInputs> = {}) =>
  aRelease(wanted, { worker: role }, { stopWait: 30, ...changes });
const on = (wanted: ReleaseInputs, ...containers: readonly Found[]): string[] =>
  planned(wanted, aFleet({ "jobs-1": aHost(containers) })).map((line) => line.replace("jobs-1: ", ""));

describe("a container that may need longer than a run waits", () => {
  it("is stopped and left, and the plan says so", () => {
    const fleet = aFleet({ "jobs-1": aHost([worker(V1)]) });
    const plan = planRelease(release(V2), fleet);
    expect(plan.operations.find((operation) => operation.do === "stop")).toMatchObject({ grace: 1800, leaveAfter: 30 });
    expect(describePlan(plan, release(V2), { inputs: release(V1), fleet })).toContain(
      `stop ${V1_NAME} (≤ 1800 s to finish; the run waits 30 s, then it ends by itself)   overlap ≤ 1800 s`,
    );
  });

  it("is waited for by a run that waits as long", () => {
    expect(on(release(V2, LONG, { stopWait: 1800 }), worker(V1))).toContain(`stop ${V1_NAME} (≤ 1800 s to finish)`);
  });

  it("is waited for where its role leaves, by its own time: nothing would remove it later", () => {
    expect(on(aRelease(V2, {}), worker(V1, { stopTimeout: 1800 }))).toEqual([
      `stop ${V1_NAME} (≤ 1800 s to finish)`,
      `remove ${V1_NAME} (withdrawn)`,
    ]);
  });
});

it("of a role that must not run twice is waited for", () => {
  expect(on(release(V2, { ...LONG, strategy: "stop-first" }), worker(V2), worker(V1))).toEqual([
    `stop ${V1_NAME} (≤ 1800 s to finish)`,
  ]);
});

describe("a container that was left to finish", () => {
  it("is no drift", () => expect(on(release(V2), worker(V2), finishing(V1))).toEqual([]));

  it("is none when it has ended either, and goes with the next release that keeps fewer", () => {
    const keepsOne = { retainContainers: 1 };
    expect(on(release(V3, LONG, keepsOne), worker(V3), exited(worker(V2)), finished(V1))).toEqual([]);
    expect(on(release(V3, LONG, keepsOne), worker(V2), finished(V1))).toEqual([
      `start ${V3_NAME}`,
      `stop ${V2_NAME} (≤ 1800 s to finish; the run waits 30 s, then it ends by itself)`,
      `remove ${finished(V1).name} (retired)`,
    ]);
  });

  it("is neither stopped again nor removed by the next release, whatever that keeps", () => {
    expect(on(release(V3, LONG, { retainContainers: 1 }), worker(V2), finishing(V1))).toEqual([
      `start ${V3_NAME}`,
      `stop ${V2_NAME} (≤ 1800 s to finish; the run waits 30 s, then it ends by itself)`,
    ]);
  });

  it("does not keep its release from coming back beside it", () => {
    expect(on(release(V1), worker(V2), finishing(V1))).toEqual([
      `start ${V1_NAME}`,
      `stop ${V2_NAME} (≤ 1800 s to finish; the run waits 30 s, then it ends by itself)`,
    ]);
    expect(on(release(V1), worker(V1), finishing(V1))).toEqual([]);
    expect(on(release(V1), worker(V1), finished(V1))).toEqual([]);
  });

  it("does not count as what serves", () => {
    const host = aHost([worker(V1), finishing(V2)]);
    expect(liveOf(host, "worker", false).map((container) => container.release)).toEqual([V1]);
    expect(liveOf(aHost([finishing(V2)]), "worker", false)).toEqual([]);
  });

  it("is waited for by a role that stops first", () => {
    expect(on(release(V3, { ...LONG, strategy: "stop-first" }), worker(V2), finishing(V1))).toEqual([
      `stop ${V2_NAME} first (≤ 1800 s to finish)`,
      `wait first until ${finishing(V1).name} has finished`,
      `start ${V3_NAME}`,
    ]);
  });

  it("is waited for where its role leaves", () => {
    expect(on(aRelease(V2, {}), finishing(V1))).toEqual([
      `wait until ${finishing(V1).name} has finished`,
      `remove ${finishing(V1).name} (withdrawn)`,
    ]);
  });

  it("is stopped as any other when it outlived its time: the stop was lost", () => {
    const { finishing: _over, ...container } = finishing(V1);
    expect(on(release(V2), worker(V2), container)).toEqual([
      `stop ${container.name} (≤ 1800 s to finish; the run waits 30 s, then it ends by itself)`,
    ]);
  });

  it("is named beside what the next release does", () => {
    const fleet = aFleet({ "jobs-1": aHost([worker(V2), finishing(V1)]) });
    expect(describePlan(planRelease(release(V3), fleet), release(V3), { inputs: release(V2), fleet })).toContain(
      `  finishing on jobs-1: ${V1_NAME}, until ${UNTIL} by its clock at the latest`,
    );
  });
});

describe("a role whose containers go on before they stop", () => {
  const DELAYED: RoleSpec = { ...WORKER, stopDelay: 5 };

  it("says so in the plan, and counts it into the overlap", () => {
    const fleet = aFleet({ "jobs-1": aHost([worker(V1)]) });
    expect(
      describePlan(planRelease(release(V2, DELAYED), fleet), release(V2, DELAYED), { inputs: release(V1), fleet }),
    ).toContain(`stop ${V1_NAME} after 5 s (≤ 60 s to finish; the run waits 30 s, then it ends by itself)   overlap ≤ 65 s`);
  });

  it("starts its release again when that comes back while it goes on: it is on its way out", () => {
    const leaving = worker(V1, { name: stoppingName(V1_NAME) });
    expect(on(release(V1, DELAYED), worker(V2), leaving)).toEqual([
      `start ${V1_NAME}`,
      `stop ${V2_NAME} after 5 s (≤ 60 s to finish; the run waits 30 s, then it ends by itself)`,
      `stop ${leaving.name} after 5 s (≤ 60 s to finish; the run waits 30 s, then it ends by itself)`,
    ]);
  });
});
