import { messageOf, SlipwayError } from "../../core/error.ts";
import { appName } from "../../core/names.ts";
import { together } from "../../core/together.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { describe } from "./describe.ts";
import { drain } from "./drain.ts";
import { PLANNED } from "./events.ts";
import { finish } from "./finish.ts";
import type { Fleet } from "./fleet.ts";
import { type ReleaseInputs, rolesOf } from "./inputs.ts";
import { observeFleet } from "./observe.ts";
import { partOf, type Slots } from "./part.ts";
import { isEmpty } from "./plan.ts";
import { leftAfter, planRestart, type Renaming, type Restart, type Way } from "./plan-restart.ts";
import { closeExisting, openRoutes, prepare } from "./steps.ts";
import { Stopwatch } from "./stopwatch.ts";
import { failure, requirePossible } from "./stories.ts";
import { type Targets, targetsOf } from "./targets.ts";
import { UndoLog } from "./undo-log.ts";
import { NotReleased, releaseInWaves } from "./waves.ts";
import { whatServes } from "./what-serves.ts";
import { Work } from "./work.ts";

/** What a restart would do, without a lease. Throws where it is not possible. */
export async function lookAtRestart(inputs: ReleaseInputs, slots: Slots, way: Way, run: Run): Promise<Restart> {
  const found = await observeFleet(partOf(inputs, slots), run.hosts);
  const restart = planRestart(inputs, found, slots, way);
  requireRestart(restart, found);
  return restart;
}

/**
 * Starts the containers of these slots again by the protocol of a release: beside what runs, healthy before they get requests, in its waves,
 * and all or none of them. If it is killed, the next run of any kind completes it.
 */
export async function restart(inputs: ReleaseInputs, slots: Slots, way: Way, run: Run): Promise<void> {
  const part = partOf(inputs, slots);
  const targets = targetsOf(part, run);
  const change = async () => {
    const found = await observeUnderLease(part, targets, run);
    const planned = planRestart(inputs, found, slots, way);
    requireRestart(planned, found);
    if (isEmpty(planned.plan)) return;
    PLANNED.publish(planned.plan);
    const watch = new Stopwatch();
    await rename(planned.renamings, targets);
    try {
      await carryOut(planned, targets, run, watch);
    } catch (thrown) {
      await giveBack(planned.renamings, targets, run);
      throw thrown instanceof NotReleased ? await notRestarted(part, run, thrown, way) : thrown;
    }
    requireUp(inputs, await observeUnderLease(part, targets, run), slots);
    run.report.say(`${way}ed ${part.release} ${watch}`);
  };
  await withLeases([...targets.values()], run, change, { app: appName(inputs) });
}

async function carryOut({ inputs, fleet: before, plan }: Restart, targets: Targets, run: Run, watch: Stopwatch): Promise<void> {
  const work = new Work({ inputs, targets, run, watch, before, plan, ready: [], undo: new UndoLog(before) });
  await prepare(work);
  await closeExisting(work);
  await releaseInWaves(work);
  await openRoutes(work);
  await drain(work);
  await finish(work);
}

const rename = (renamings: readonly Renaming[], targets: Targets): Promise<unknown> =>
  together(renamings, async ({ host, id, to }) => targets.get(host)?.docker.rename(id, to));

/** What still runs under the mark goes on as before. Marked it would be replaced by the next run, which does no harm. */
async function giveBack(renamings: readonly Renaming[], targets: Targets, { report }: Run): Promise<void> {
  await Promise.all(
    renamings.map(async ({ host, id, from, to }) => {
      try {
        const docker = targets.get(host)?.docker;
        const found = await docker?.inspect(id);
        if (found?.name === to) await docker?.rename(id, from);
      } catch (thrown) {
        report.warn(`${host}: ${from} keeps the name ${to}, and the next pulumi up replaces it: ${messageOf(thrown)}`);
      }
    }),
  );
}

async function observeUnderLease(inputs: ReleaseInputs, targets: Targets, run: Run): Promise<Fleet> {
  const fleet = await observeFleet(inputs, run.hosts);
  for (const host of targets.values()) host.requireLease();
  return fleet;
}

function requireRestart({ plan, inputs, strange }: Restart, found: Fleet): void {
  requirePossible(plan, inputs, found);
  if (strange.length === 0) return;
  throw new SlipwayError({
    code: "HOSTS_CHANGED",
    what: `${inputs.service} does not run the release that the state declares, ${inputs.release}`,
    evidence: strange.map(({ slot, runs }) => `${slot}: ${runs}`),
    servesNow: `${whatServes(found, rolesOf(inputs))}; nothing was changed`,
    next: "pulumi up, which releases what is declared",
  });
}

const notRestarted = (part: ReleaseInputs, run: Run, thrown: NotReleased, way: Way): Promise<SlipwayError> =>
  failure(part, run, thrown, {
    verb: `${way}ed`,
    next: (remedy) => ("type" in remedy ? `${remedy.type} && pulumi up` : `${remedy.words}, then run slipway ${way} again`),
  });

/** Success is what was read back. */
function requireUp(inputs: ReleaseInputs, found: Fleet, slots: Slots): void {
  const left = leftAfter(inputs, found, slots);
  if (isEmpty(left)) return;
  throw new SlipwayError({
    code: "HOSTS_CHANGED",
    what: `${inputs.service} ${inputs.release}: the hosts changed while this was being verified`,
    evidence: [
      "still to do:",
      ...left.operations.map((operation) => `${operation.host}: ${describe(operation)}`),
      ...left.unreachable.map(({ host, reason }) => `${host}: ${reason}`),
    ],
    servesNow: whatServes(found, rolesOf(inputs)),
    next: "find out who else changes these hosts, then run pulumi up",
  });
}
