import type { Lab } from "../../lab/lab.ts";
import { labValues } from "../../lab/stack.ts";
import { ChildRun, type Visit } from "../faults/matrix/child-run.ts";
import type { Point } from "../faults/matrix/point.ts";
import type { App } from "./app.ts";

/** No release in these tests takes longer. */
const PATIENCE = 60;

/**
 * Runs the app's release in its own process, which gets `kill -9` at the first call that changes a host and for which `isIt` is true.
 * The app's state does not change, as after a killed run.
 */
export async function releaseKilled(lab: Lab, app: App, isIt: (point: Point) => boolean): Promise<void> {
  await killed(lab, app, async (point, run) => {
    if (isIt(point)) await run.kill();
    return undefined;
  });
}

/** The same at a moment that is no such call: when the promise resolves. */
export async function releaseKilledAt(lab: Lab, app: App, moment: () => Promise<void>): Promise<void> {
  let killing: Promise<void> | undefined;
  await killed(lab, app, async (_, run) => {
    killing ??= moment().then(() => run.kill());
    return undefined;
  });
  await killing;
}

async function killed(lab: Lab, app: App, visit: Visit): Promise<void> {
  const run = new ChildRun();
  const { ssh } = labValues(lab);
  const order = { kind: "release", ssh: JSON.stringify(ssh), owner: "lab", proxies: [] } as const;
  const ending = await run.carryOut({ ...order, release: await app.inputs(), state: app.state }, visit, PATIENCE);
  if (ending.how !== "killed") throw new Error(`the run was not killed: ${JSON.stringify(ending)}`);
}
