import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FAULTS, faultNamed } from "./fault.ts";
import { FaultFleet } from "./fleet.ts";
import { cellsOf, discover, sample } from "./matrix.ts";
import { nameOf, type Point } from "./point.ts";
import { RELEASES } from "./release-scenario.ts";
import { runCells } from "./rig.ts";
import { scenarioNamed } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import { cellText } from "./table.ts";

/** Another one tries other points: `SLIPWAY_SEED=7 vitest run test/faults`. */
const SEED = Number(process.env.SLIPWAY_SEED ?? 20);
const OF_EACH = 1;

describe("a release that meets a fault", () => {
  let fleet: FaultFleet;
  let points: Point[];
  beforeAll(async () => {
    const [plain] = RELEASES;
    if (plain === undefined) throw new Error("no scenario");
    fleet = await FaultFleet.open(plain);
    points = await discover(fleet);
  });
  afterAll(() => fleet[Symbol.asyncDispose]());

  it("changes nothing without a fault that its plan does not have", () => {
    expect(points.length).toBeGreaterThan(0);
    expect(fleet.takeUnplanned()).toEqual([]);
  });

  it("is looked at by a rig that sees a container that stopped, a stranger, and a held lease", async () => {
    const [host] = fleet.lab.hosts;
    if (host === undefined) throw new Error("no host");
    expect(await fleet.problems()).toEqual([]);
    const [live] = await host.docker.listContainers({ filters: { label: ["service=faults"] } });
    await host.docker.getContainer(live?.Id ?? "").stop();
    const stranger = await host.docker.createContainer({ Image: live?.ImageID ?? "", name: "stranger" });
    await host.must("setsid flock /etc/os-release sleep 600 >/dev/null 2>&1 </dev/null & echo $! > /run/holder");

    const problems = await fleet.problems();
    await host.must("kill -- -$(cat /run/holder)");
    await stranger.remove();
    await host.docker.getContainer(live?.Id ?? "").start();

    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/0 of 1 containers of \S+ run$/),
        expect.stringMatching(/left over: container stranger$/),
        expect.stringMatching(/answers "(502|503|504) .*", not [abc]$/),
        expect.stringMatching(/the lease is not free/),
      ]),
    );
    expect(await fleet.problems()).toEqual([]);
  });

  const LEAVES = "leaves the wanted release and nothing else after one more run, and no user without an answer";
  const FREQUENT = FAULTS.filter(({ name }) => name === "kill" || name === "cut");
  const OTHERS = FAULTS.filter((fault) => !FREQUENT.includes(fault));

  it(`${LEAVES} (seed ${SEED})`, () => expectConvergence(FREQUENT));
  it(`${LEAVES} (seed ${SEED}, rarer faults)`, { tags: "long" }, () => expectConvergence(OTHERS));

  async function expectConvergence(faults: typeof FAULTS): Promise<void> {
    console.info(`faults: seed ${SEED}, ${points.length} points`);
    const cells = sample(points, faults, SEED, OF_EACH);
    expect(new Set(cells.map(({ fault }) => fault.name))).toEqual(new Set(faults.map(({ name }) => name)));
    const verdicts = await runCells(fleet, cells, (verdict) => console.info(`faults: ${cellText(verdict)}`));
    expect(verdicts.filter(({ problems }) => problems.length > 0).map(cellText)).toEqual([]);
    expect(verdicts).toHaveLength(cells.length);
  }
});

/** A killed run in the gap, and a run that lost its line when the work seemed to be done. */
const OF_ACCESSORY = ["kill at fr-1: stop container, after", "cut at fr-1: rename container, after"];

describe("the replacement of an accessory that meets a fault", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await scenarioNamed("accessory-replace").open({ nth: 1, of: 1 });
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it("makes no call that its plan does not have, and leaves the wanted one with its data and nothing else", async () => {
    const points = await discover(stage);
    expect(stage.takeUnplanned()).toEqual([]);
    const cells = cellsOf(points, [faultNamed("kill"), faultNamed("cut")]).filter(({ point, fault }) =>
      OF_ACCESSORY.includes(`${fault.name} at ${nameOf(point)}`),
    );
    const verdicts = await runCells(stage, cells, (verdict) => console.info(`faults: ${cellText(verdict)}`));
    expect(verdicts.map(({ problems }) => problems)).toEqual([[], []]);
  });
});
