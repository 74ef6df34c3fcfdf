import { messageOf } from "../../core/error.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { PLANNED } from "./events.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { observeFleet } from "./observe.ts";
import { planRelease } from "./plan.ts";
import { cleanUp, prepare } from "./steps.ts";
import { Stopwatch } from "./stopwatch.ts";
import { type Targets, targetsOf } from "./targets.ts";
import { UndoLog } from "./undo-log.ts";
import { Work } from "./work.ts";

/** Removes the app from its hosts: routes, containers, images, volumes of assets. What is missing, and a dead host, are no errors. */
export async function withdrawRelease(inputs: ReleaseInputs, run: Run): Promise<void> {
  const targets = await reachable(inputs, run);
  const { canary: _canary, maintenance: _maintenance, releaseCommand: _command, ...app } = inputs;
  const whatIs: ReleaseInputs = { ...inputs, hosts: hostsOf(inputs, targets) };
  const nothing: ReleaseInputs = { ...app, hosts: whatIs.hosts, roles: {}, containers: {}, routes: {}, proxyFiles: {} };
  await withLeases([...targets.values()], run, async () => {
    const before = await observeFleet(whatIs, run.hosts);
    const plan = planRelease(nothing, before);
    PLANNED.publish(plan);
    // The grace of each role is in the plan; what is labelled for the app is found by its inputs.
    const work = new Work({ inputs, targets, run, watch: new Stopwatch(), before, plan, undo: new UndoLog(before) });
    await prepare(work);
    await cleanUp(work);
  });
}

const hostsOf = (inputs: ReleaseInputs, targets: Targets): ReleaseInputs["hosts"] =>
  Object.fromEntries(Object.entries(inputs.hosts).filter(([name]) => targets.has(name)));

/** The hosts that answer. A host that is gone for good must not keep the rest of the app alive. */
export async function reachable(inputs: ReleaseInputs, run: Run): Promise<Targets> {
  const answers = await Promise.all(
    [...targetsOf(inputs, run)].map(async ([name, host]) => {
      try {
        await host.connect();
        return [[name, host] as const];
      } catch (thrown) {
        run.report.warn(`${name} is unreachable and keeps what runs there: ${messageOf(thrown).split("\n", 1)[0]}`);
        return [];
      }
    }),
  );
  return new Map(answers.flat());
}
