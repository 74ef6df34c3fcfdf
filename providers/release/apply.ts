import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { ConnectionLost } from "../../hosts/index.ts";
import { withLeases } from "../lease.ts";
import type { Run } from "../provider.ts";
import { CandidateFailed } from "./candidate.ts";
import { type Crew, crewOf } from "./crew.ts";
import { describe } from "./describe.ts";
import { type Fleet, whatServes } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { observeFleet } from "./observe.ts";
import { isEmpty, type Plan, planRelease } from "./plan.ts";
import { preflight } from "./preflight.ts";
import { pullEverywhere } from "./pull.ts";
import { drain, retire } from "./retire.ts";
import { type Candidates, discard, startAndProve } from "./start.ts";
import { Stopwatch } from "./stopwatch.ts";
import { SwitchFailed, switchAll } from "./switch.ts";
import type { Work } from "./work.ts";

/** How long lost connections are made up for, counted from the first loss. */
const RECONNECT: Seconds = 30;
const BREATH: Milliseconds = 250;

/**
 * Makes the fleet run and serve this release, from whatever is there. Every prefix of it is a safe place to die: the next run
 * finds what this one left, adopts what is right and removes what is not.
 *
 * @param hosts those of the release and those that it has left behind
 */
export async function applyRelease(inputs: ReleaseInputs, hosts: ReleaseInputs["hosts"], run: Run): Promise<Fleet> {
  const everywhere = { ...inputs, hosts };
  const crew = crewOf(everywhere, run);
  let giveUp: Deadline | undefined;
  for (;;) {
    const soFar = giveUp === undefined ? "nothing was changed" : "the connection was lost while the release ran";
    try {
      return await attempt(inputs, everywhere, crew, run, soFar);
    } catch (thrown) {
      if (!(thrown instanceof ConnectionLost))
        throw thrown instanceof SlipwayError ? thrown : await unforeseen(everywhere, run, thrown);
      giveUp ??= Deadline.in(RECONNECT);
      if (giveUp.passed) throw await lostForGood(everywhere, run, thrown);
      run.report.warn(`${messageOf(thrown)}; connecting again`);
      await sleep(BREATH);
    }
  }
}

async function attempt(inputs: ReleaseInputs, everywhere: ReleaseInputs, crew: Crew, run: Run, soFar: string): Promise<Fleet> {
  const watch = new Stopwatch();
  const tell = tellWhatServes(everywhere, run, soFar);
  const ready = await preflight(inputs, crew).catch(tell);
  await watch.time("pull", () => pullEverywhere(inputs, ready, run).catch(tell));
  return withLeases([...crew.values()], run, async (held) => {
    const work: Work = { inputs, crew, run, held, watch };
    const before = await observeFleet(everywhere, run.hosts);
    const plan = planRelease(inputs, before);
    requireReachable(plan, inputs, before);
    requireFreeRoutes(plan, inputs, before);
    if (isEmpty(plan)) return before;
    const candidates = await watch.time("boot", () => startAndProve(work, plan).catch(explain(inputs, before, run, everywhere)));
    const switched = await watch.time("switch", () => switchOrRevert(work, plan, candidates, before, everywhere));
    await watch.time("drain", () => drain(work, switched));
    await watch.time("stop", () => retire(work, plan));
    const after = await observeFleet(everywhere, run.hosts);
    requireDone(inputs, after);
    run.report.say(`released ${inputs.release} ${watch}`);
    return after;
  });
}

/** What fails before the first change knows what is wrong; what serves meanwhile only the hosts know. */
const tellWhatServes =
  (everywhere: ReleaseInputs, run: Run, soFar: string) =>
  async (thrown: unknown): Promise<never> => {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    const now = await observeFleet(everywhere, run.hosts);
    const servesNow = `${whatServes(now, proxied(everywhere))}; ${soFar}`;
    throw new SlipwayError({ ...thrown.story, servesNow }, { cause: thrown });
  };

async function switchOrRevert(work: Work, plan: Plan, candidates: Candidates, before: Fleet, everywhere: ReleaseInputs) {
  try {
    return await switchAll(work, plan, candidates.proved, before);
  } catch (thrown) {
    if (thrown instanceof CandidateFailed) await discard(work, candidates.started);
    return explain(work.inputs, before, work.run, everywhere)(thrown);
  }
}

/** Turns a failed candidate into what a person must know; what serves is asked of the hosts again, not remembered. */
const explain =
  (inputs: ReleaseInputs, before: Fleet, run: Run, everywhere: ReleaseInputs) =>
  async (thrown: unknown): Promise<never> => {
    if (!(thrown instanceof CandidateFailed)) throw thrown;
    const now = await observeFleet(everywhere, run.hosts).catch(() => before);
    const undone = thrown instanceof SwitchFailed ? thrown.reverted.join("; ") : "Nothing was switched";
    throw new SlipwayError(
      {
        what: `${inputs.service} ${inputs.release} was not released: ${thrown.host}: ${thrown.message}`,
        evidence: thrown.evidence,
        servesNow: `${whatServes(now, proxied(inputs))}. ${undone === "" ? "Nothing was switched" : undone}; candidates were removed.`,
        next: "fix what the evidence shows, then run pulumi up again",
      },
      { cause: thrown },
    );
  };

const proxied = ({ roles }: ReleaseInputs): Record<string, { proxied: boolean }> =>
  Object.fromEntries(Object.entries(roles).map(([name, { proxy }]) => [name, { proxied: proxy !== undefined }]));

function requireReachable(plan: Plan, inputs: ReleaseInputs, before: Fleet): void {
  const [lost] = plan.unreachable;
  if (lost === undefined) return;
  throw new SlipwayError({
    what: `${lost.host} cannot be reached`,
    evidence: plan.unreachable.map(({ host, reason }) => `${host}: ${reason}`),
    servesNow: `${whatServes(before, proxied(inputs))}; nothing was changed`,
    next: `bring ${lost.host} back, or take it out of slipway:servers, then run pulumi up again`,
  });
}

function requireFreeRoutes(plan: Plan, inputs: ReleaseInputs, before: Fleet): void {
  const [clash] = plan.clashes;
  if (clash === undefined) return;
  throw new SlipwayError({
    what: `the proxy serves ${clash.at} for ${clash.service} already, so ${inputs.service} cannot have it`,
    host: clash.host,
    servesNow: `${clash.service} there; of this app: ${whatServes(before, proxied(inputs))}. Nothing was changed`,
    next: "give this app a host name or path of its own (slipway:proxy.host, slipway:proxy.path_prefix), or remove the other one",
  });
}

/** Success is what was read back, not what was sent. */
function requireDone(inputs: ReleaseInputs, after: Fleet): void {
  const left = planRelease(inputs, after);
  if (isEmpty(left)) return;
  const evidence = [
    ...left.operations.map((operation) => `${operation.host}: ${describe(operation)}`),
    ...left.unreachable.map(({ host, reason }) => `${host}: ${reason}`),
  ];
  throw new SlipwayError({
    what: `${inputs.service} ${inputs.release}: the hosts are not as they were left a moment ago`,
    evidence: ["still to do:", ...evidence],
    servesNow: whatServes(after, proxied(inputs)),
    next: "see who else changes these hosts, then run pulumi up again",
  });
}

/** Nothing that we know: still, whoever reads it must learn what serves. */
async function unforeseen(everywhere: ReleaseInputs, run: Run, thrown: unknown): Promise<SlipwayError> {
  const now = await observeFleet(everywhere, run.hosts);
  return new SlipwayError(
    {
      what: `${everywhere.service} ${everywhere.release} was not released: ${messageOf(thrown)}`,
      servesNow: whatServes(now, proxied(everywhere)),
      next: "run pulumi up again: it goes on from what it finds",
    },
    { cause: thrown },
  );
}

async function lostForGood(everywhere: ReleaseInputs, run: Run, lost: ConnectionLost): Promise<SlipwayError> {
  const now = await observeFleet(everywhere, run.hosts);
  return new SlipwayError(
    {
      what: `the connection was lost again and again for ${RECONNECT} s`,
      evidence: [messageOf(lost)],
      servesNow: whatServes(now, proxied(everywhere)),
      next: "check the network, then run pulumi up again: it goes on from what it finds",
    },
    { cause: lost },
  );
}
