import { SlipwayError } from "../../core/error.ts";
import { appName } from "../../core/names.ts";
import type { Run } from "../pulumi/provider.ts";
import { obeyFreezes } from "../steps/freeze.ts";
import { withLeases } from "../steps/lease.ts";
import { throughLosses } from "../steps/reconnect.ts";
import { askForCertificates } from "./certificates.ts";
import { runReleaseCommands } from "./command.ts";
import { drain } from "./drain.ts";
import { PLANNED } from "./events.ts";
import { finish } from "./finish.ts";
import type { Fleet } from "./fleet.ts";
import { tryInbound } from "./inbound.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { makeRoom } from "./make-room.ts";
import { observeFleet } from "./observe.ts";
import { isEmpty, planRelease } from "./plan.ts";
import { preflight } from "./preflight.ts";
import { pullEverywhere } from "./pull.ts";
import { resumeUndo } from "./resume-undo.ts";
import { StaleGuard } from "./stale-guard.ts";
import { closeExisting, openRoutes, prepare } from "./steps.ts";
import { Stopwatch } from "./stopwatch.ts";
import { notReleased, requireDone, requirePossible, servingNow, unexpected, withWhatServes } from "./stories.ts";
import { type Targets, targetsOf } from "./targets.ts";
import { UndoLog } from "./undo-log.ts";
import { NotReleased, releaseInWaves } from "./waves.ts";
import { Work } from "./work.ts";

interface Attempt {
  readonly inputs: ReleaseInputs;
  /** With the hosts that the release has left behind. */
  readonly everywhere: ReleaseInputs;
  readonly targets: Targets;
  readonly run: Run;
  readonly guard: StaleGuard;
  /** What this run has changed so far. */
  readonly soFar: string;
}

/**
 * Makes the fleet run and serve this release, from whatever is there. Every prefix of it is a safe place to die: the next run
 * finds what this one left, adopts what is right and removes what is not.
 *
 * @param hosts those of the release and those that it has left behind
 * @param planned what the plan that was shown to a person was made from
 */
export async function applyRelease(
  inputs: ReleaseInputs,
  hosts: ReleaseInputs["hosts"],
  planned: Fleet | undefined,
  run: Run,
): Promise<Fleet> {
  const everywhere = { ...inputs, hosts };
  const targets = targetsOf(everywhere, run);
  const guard = new StaleGuard(inputs, planned);
  const where = async () => ({ servesNow: await servingNow(everywhere, run) });
  try {
    return await throughLosses(run.report, where, (nth) => {
      const soFar = nth === 1 ? "nothing was changed" : "the connection was lost while the release ran";
      return attempt({ inputs, everywhere, targets, run, guard, soFar });
    });
  } catch (thrown) {
    if (thrown instanceof SlipwayError) throw thrown;
    throw thrown instanceof NotReleased ? await notReleased(everywhere, run, thrown) : await unexpected(everywhere, run, thrown);
  }
}

async function attempt({ inputs, everywhere, targets, run, guard, soFar }: Attempt): Promise<Fleet> {
  const watch = new Stopwatch();
  const explain = withWhatServes(everywhere, run, soFar);
  const app = appName(inputs);
  const unfrozen = obeyFreezes([...targets.values()], app, run);
  unfrozen.catch(() => {});
  const ready = await preflight(inputs, targets).catch(explain);
  // The lease refuses it, too; but an image would be brought to the hosts before that.
  if (ready.some(({ lacking, parcels, unused }) => lacking.length + parcels.length + unused.length > 0))
    await unfrozen.catch(explain);
  await makeRoom(inputs, ready, run).catch(withWhatServes(everywhere, run, "only unused images were removed"));
  await watch.time("pull", () => pullEverywhere(inputs, ready, run).catch(explain));
  // Where nothing of the app stays, things go that apps share.
  const leaves = Object.keys(everywhere.hosts).some((host) => !(host in inputs.hosts));
  const change = async () => {
    const before = await observeUnderLease(everywhere, targets, run, guard.seen);
    const plan = planRelease(inputs, before);
    requirePossible(plan, inputs, before);
    guard.requireFresh(before);
    if (isEmpty(plan)) return { before, after: before };
    PLANNED.publish(plan);
    const work = new Work({ inputs, targets, run, watch, before, plan, ready, undo: new UndoLog(guard.first ?? before) });
    resumeUndo(work);
    await prepare(work);
    await closeExisting(work);
    await runReleaseCommands(work);
    await releaseInWaves(work);
    await openRoutes(work);
    await drain(work);
    await finish(work);
    const after = await observeUnderLease(everywhere, targets, run);
    requireDone(inputs, after);
    run.report.say(`released ${inputs.release} ${watch}${inputs.maintenance === undefined ? "" : "; in maintenance"}`);
    return { before, after };
  };
  const what = `release ${inputs.release} of ${app}`;
  const { before, after } = await withLeases([...targets.values()], run, change, leaves ? "machine" : { app }, what);
  if (after !== before)
    await Promise.all([askForCertificates(inputs, before, targets, run), tryInbound(inputs, before, targets, run)]);
  return after;
}

/** A host whose lease was lost looks unreachable until the lease is released, which says nothing about the host. */
async function observeUnderLease(everywhere: ReleaseInputs, targets: Targets, run: Run, earlier?: Fleet): Promise<Fleet> {
  const fleet = await observeFleet(everywhere, run.hosts, earlier);
  for (const host of targets.values()) host.requireLease();
  return fleet;
}
