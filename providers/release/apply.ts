import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { ConnectionLost, Unreachable } from "../../hosts/index.ts";
import { CandidateFailed } from "../container/candidate.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { endCanaries, shareWithCanaries } from "./canary.ts";
import { runReleaseCommands } from "./command.ts";
import { type Crew, crewOf } from "./crew.ts";
import { describe } from "./describe.ts";
import { closeExisting, openRoutes } from "./door.ts";
import { noteEarlier } from "./earlier.ts";
import { type Fleet, whatServes } from "./fleet.ts";
import { type ReleaseInputs, rolesOf } from "./inputs.ts";
import { Looks } from "./looks.ts";
import { letInHeld, makeWay } from "./make-way.ts";
import { leaveNetworks, makeNetworks } from "./network.ts";
import { observeFleet } from "./observe.ts";
import { isTidying } from "./operation.ts";
import { isEmpty, type Plan, planRelease } from "./plan.ts";
import { preflight } from "./preflight.ts";
import { placeFiles } from "./proxy-files.ts";
import { pullEverywhere } from "./pull.ts";
import { drain, retire } from "./retire.ts";
import { revert } from "./revert.ts";
import { removeLeftovers, startAndProve } from "./start.ts";
import { Stopwatch } from "./stopwatch.ts";
import { switchAll } from "./switch.ts";
import { type Switched, UndoLog } from "./undo-log.ts";
import { watchOver } from "./watch.ts";
import type { Work } from "./work.ts";

/** How long lost connections are made up for, counted from the first loss. */
const RECONNECT: Seconds = 30;
const BREATH: Milliseconds = 250;

/**
 * Makes the fleet run and serve this release, from whatever is there. Every prefix of it is a safe place to die: the next run
 * finds what this one left, adopts what is right and removes what is not.
 *
 * @param hosts those of the release and those that it has left behind
 * @param planned what the plan that a person has seen was made from
 */
export async function applyRelease(
  inputs: ReleaseInputs,
  hosts: ReleaseInputs["hosts"],
  planned: Fleet | undefined,
  run: Run,
): Promise<Fleet> {
  const everywhere = { ...inputs, hosts };
  const crew = crewOf(everywhere, run);
  const looks = new Looks(inputs, planned);
  let giveUp: Deadline | undefined;
  for (;;) {
    const soFar = giveUp === undefined ? "nothing was changed" : "the connection was lost while the release ran";
    try {
      return await attempt({ inputs, everywhere, crew, run, looks, soFar });
    } catch (thrown) {
      const isBackSoon = giveUp !== undefined && !giveUp.passed && isUnreachable(thrown);
      if (!(thrown instanceof ConnectionLost) && !isBackSoon)
        throw thrown instanceof SlipwayError ? thrown : await unforeseen(everywhere, run, thrown);
      giveUp ??= Deadline.in(RECONNECT);
      if (giveUp.passed) throw await lostForGood(everywhere, run, thrown);
      run.report.warn(`${messageOf(thrown).split("\n", 1)[0]}; connecting again`);
      await sleep(BREATH);
    }
  }
}

/** A host whose connection was lost may be about to come back: it starts anew, or its network does. */
const isUnreachable = (thrown: unknown): boolean =>
  thrown instanceof Unreachable || (thrown instanceof Error && thrown.cause instanceof Unreachable);

interface Attempt {
  readonly inputs: ReleaseInputs;
  /** With the hosts that the release has left behind. */
  readonly everywhere: ReleaseInputs;
  readonly crew: Crew;
  readonly run: Run;
  readonly looks: Looks;
  readonly soFar: string;
}

async function attempt({ inputs, everywhere, crew, run, looks, soFar }: Attempt): Promise<Fleet> {
  const watch = new Stopwatch();
  const tell = tellWhatServes(everywhere, run, soFar);
  const ready = await preflight(inputs, crew).catch(tell);
  await watch.time("pull", () => pullEverywhere(inputs, ready, run).catch(tell));
  return withLeases([...crew.values()], run, async () => {
    const work: Work = { inputs, crew, run, watch };
    const before = await observeUnderLease(everywhere, crew, run);
    const plan = planRelease(inputs, before);
    requireReachable(plan, inputs, before);
    requireFreeRoutes(plan, inputs, before);
    looks.requireFresh(before);
    if (isEmpty(plan)) return before;
    await removeLeftovers(work, plan);
    await makeNetworks(work, plan);
    await placeFiles(work, plan);
    await watch.time("close", () => closeExisting(work, plan, before));
    await watch.time("release command", () => runReleaseCommands(work, plan, before));
    const switched = await swapEverywhere(work, plan, { first: looks.first ?? before, before, everywhere });
    await watch.time("open", () => openRoutes(work, plan));
    await watch.time("drain", () => drain(work, switched));
    await watch.time("stop", () => retire(work, plan));
    await leaveNetworks(work);
    const after = await observeUnderLease(everywhere, crew, run);
    requireDone(inputs, after);
    run.report.say(`released ${inputs.release} ${watch}${inputs.maintenance === undefined ? "" : "; in maintenance"}`);
    return after;
  });
}

/** A host whose lease was lost counts as unreachable until the lease is released, which says nothing about the host. */
async function observeUnderLease(everywhere: ReleaseInputs, crew: Crew, run: Run): Promise<Fleet> {
  const fleet = await observeFleet(everywhere, run.hosts);
  for (const host of crew.values()) host.requireLease();
  return fleet;
}

interface Seen {
  /** Before the first change of this run. */
  readonly first: Fleet;
  readonly before: Fleet;
  readonly everywhere: ReleaseInputs;
}

/** All waves, or none: whatever fails before the end of the watch, everything goes back. */
async function swapEverywhere(work: Work, plan: Plan, { first, before, everywhere }: Seen): Promise<readonly Switched[]> {
  const { inputs, watch } = work;
  const undo = new UndoLog(first);
  noteEarlier(work, undo, before);
  try {
    for (const [at, wave] of plan.waves.entries()) {
      if (at > 0) await pauseBetween(work, at, plan.waves.length);
      await watch.time("make way", () => makeWay(work, plan, wave, undo));
      await watch.time("boot", () => startAndProve(work, plan, wave, undo));
      await watch.time("switch", () => switchAll(work, plan, wave, undo));
      await letInHeld(work, wave, undo);
    }
    await watch.time("canary", () => shareWithCanaries(work, plan, undo).then(() => endCanaries(work, plan, undo)));
    await watch.time("watch", () => watchOver(work, undo.proved));
    return undo.switched;
  } catch (thrown) {
    const undone = await revert(work, undo);
    if (!(thrown instanceof CandidateFailed)) throw thrown;
    const now = await observeFleet(everywhere, work.run.hosts).catch(() => before);
    throw notReleased(inputs, thrown, undone, now);
  }
}

async function pauseBetween({ inputs, run }: Work, at: number, waves: number): Promise<void> {
  if (inputs.boot.wait === 0) return;
  run.report.status(`wave ${at} of ${waves} is done; the next one in ${inputs.boot.wait} s`);
  await sleep(inputs.boot.wait * 1000);
}

/** What a person must know of a release that failed; what serves was asked of the hosts again, not remembered. */
const notReleased = (inputs: ReleaseInputs, failed: CandidateFailed, undone: readonly string[], now: Fleet): SlipwayError =>
  new SlipwayError(
    {
      what: `${inputs.service} ${inputs.release} was not released: ${failed.host}: ${failed.message}`,
      evidence: failed.evidence,
      servesNow: `${whatServes(now, rolesOf(inputs))}. ${undone.length === 0 ? "Nothing was switched" : undone.join("; ")}; candidates were removed.`,
      next: "fix what the evidence shows, then run pulumi up again",
    },
    { cause: failed },
  );

/** What fails before the first change knows what is wrong; what serves meanwhile only the hosts know. */
const tellWhatServes =
  (everywhere: ReleaseInputs, run: Run, soFar: string) =>
  async (thrown: unknown): Promise<never> => {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    const now = await observeFleet(everywhere, run.hosts);
    const servesNow = `${whatServes(now, rolesOf(everywhere))}; ${soFar}`;
    throw new SlipwayError({ ...thrown.story, servesNow }, { cause: thrown });
  };

function requireReachable(plan: Plan, inputs: ReleaseInputs, before: Fleet): void {
  const [lost] = plan.unreachable;
  if (lost === undefined) return;
  throw new Unreachable({
    what: `${lost.host} cannot be reached`,
    evidence: plan.unreachable.map(({ host, reason }) => `${host}: ${reason}`),
    servesNow: `${whatServes(before, rolesOf(inputs))}; nothing was changed`,
    next: `bring ${lost.host} back, or take it out of slipway:servers, then run pulumi up again`,
  });
}

function requireFreeRoutes(plan: Plan, inputs: ReleaseInputs, before: Fleet): void {
  const [clash] = plan.clashes;
  if (clash === undefined) return;
  throw new SlipwayError({
    what: `the proxy serves ${clash.at} for ${clash.service} already, so ${inputs.service} cannot have it`,
    host: clash.host,
    servesNow: `${clash.service} there; of this app: ${whatServes(before, rolesOf(inputs))}. Nothing was changed`,
    next: "give this app a host name or path of its own (slipway:proxy.host, slipway:proxy.path_prefix), or remove the other one",
  });
}

/** Success is what was read back, not what was sent. An image that could not be removed does not undo it. */
function requireDone(inputs: ReleaseInputs, after: Fleet): void {
  const plan = planRelease(inputs, after);
  const left = { ...plan, operations: plan.operations.filter((operation) => !isTidying(operation)) };
  if (isEmpty(left)) return;
  const evidence = [
    ...left.operations.map((operation) => `${operation.host}: ${describe(operation)}`),
    ...left.unreachable.map(({ host, reason }) => `${host}: ${reason}`),
  ];
  throw new SlipwayError({
    what: `${inputs.service} ${inputs.release}: the hosts are not as they were left a moment ago`,
    evidence: ["still to do:", ...evidence],
    servesNow: whatServes(after, rolesOf(inputs)),
    next: "see who else changes these hosts, then run pulumi up again",
  });
}

/** Nothing that we know: still, whoever reads it must learn what serves. */
async function unforeseen(everywhere: ReleaseInputs, run: Run, thrown: unknown): Promise<SlipwayError> {
  const now = await observeFleet(everywhere, run.hosts);
  return new SlipwayError(
    {
      what: `${everywhere.service} ${everywhere.release} was not released: ${messageOf(thrown)}`,
      servesNow: whatServes(now, rolesOf(everywhere)),
      next: "run pulumi up again: it goes on from what it finds",
    },
    { cause: thrown },
  );
}

async function lostForGood(everywhere: ReleaseInputs, run: Run, lost: unknown): Promise<SlipwayError> {
  const now = await observeFleet(everywhere, run.hosts);
  return new SlipwayError(
    {
      what: `the connection was lost again and again for ${RECONNECT} s`,
      evidence: [messageOf(lost)],
      servesNow: whatServes(now, rolesOf(everywhere)),
      next: "check the network, then run pulumi up again: it goes on from what it finds",
    },
    { cause: lost },
  );
}
