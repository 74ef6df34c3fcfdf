import { setTimeout as sleep } from "node:timers/promises";
import { POLL } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import { ConnectionLost, type KamalProxy } from "../../hosts/index.ts";
import { CandidateFailed } from "../container/candidate.ts";
import { exitFailure } from "../container/exit.ts";
import type { Candidate } from "./candidate.ts";
import { together } from "./crew.ts";
import { closeNew } from "./door.ts";
import { targetOf } from "./fleet.ts";
import { timeoutsOf } from "./inputs.ts";
import { type OperationOf, only, type Plan } from "./plan.ts";
import type { Switched, UndoLog } from "./undo-log.ts";
import type { Wave } from "./wave.ts";
import type { Work } from "./work.ts";

type Switch = OperationOf<"switch">;

/** Switches every host of a wave at once; none waits for another's drain. The first refusal is thrown when all have ended. */
export async function switchAll(work: Work, plan: Plan, wave: Wave, undo: UndoLog): Promise<void> {
  const operations = only(plan, "switch").filter(({ host, role }) => wave.includes(`${host}/${role}`));
  await requireRunning(undo.proved);
  const results = await Promise.allSettled(
    operations.map(async (operation) => {
      undo.switched.push(await switchOne(work, operation, undo.proved));
      // Every moment until then visitors reach what must not be reached yet.
      await closeNew(work, plan, operation, undo.before);
    }),
  );
  // Whether a host was switched whose connection is lost must be seen before anything is judged.
  const reasons = results.map((result) => (result.status === "rejected" ? result.reason : undefined));
  const lost = reasons.find((reason) => reason instanceof ConnectionLost);
  if (lost !== undefined) throw lost;
  const failed = reasons.findIndex((reason) => reason !== undefined);
  if (failed >= 0) throw asFailure(reasons[failed], operations[failed]?.host ?? "");
  if (work.inputs.maintenance === undefined) work.watch.serving();
  if (operations.length > 0) work.run.report.status(`switched ${undo.switched.length}/${only(plan, "switch").length}`);
}

/** Of all waves so far: one that fell over while the others proved themselves would be refused by its proxy only after the others were switched. */
const requireRunning = (candidates: readonly Candidate[]): Promise<unknown> =>
  together(candidates, async (candidate) => {
    const found = await candidate.host.docker.inspect(candidate.id);
    if (found?.state.status !== "running") throw await exitFailure(candidate);
  });

async function switchOne(work: Work, operation: Switch, candidates: readonly Candidate[]): Promise<Switched> {
  const { host, role, route, to } = operation;
  const own = candidates.filter(({ place, name }) => place.host === host && place.role === role && to.includes(name));
  const [first] = own;
  const spec = first?.place.spec.proxy;
  if (first === undefined || spec === undefined || own.length < to.length)
    throw new TypeError(`no candidate for ${host}/${role}`);
  const { appPort, ...options } = spec;
  const proxy = first.host.proxy;
  const targets = own.map(({ id }) => targetOf(id, appPort));
  const drained = proxy.deploy(route, targets, options, timeoutsOf(work.inputs));
  // Whoever waits for the drain hears of its failure; a switch that is reverted has nobody who waits.
  drained.catch(() => {});
  const settled = new AbortController();
  try {
    await Promise.race([drained, serves(proxy, route, targets, settled.signal)]);
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    // Refused, or our call went wrong on the way: only the proxy knows which targets answer now.
    if (!(await isServing(proxy, route, targets)))
      throw new CandidateFailed(host, `kamal-proxy did not switch ${route}: ${messageOf(thrown)}`, []);
  } finally {
    settled.abort();
  }
  return { operation, drained };
}

/** Settles at the switch, which the proxy writes down before it drains. The proxy's own call has the deadline. */
async function serves(proxy: KamalProxy, route: string, targets: readonly string[], settled: AbortSignal): Promise<void> {
  while (!settled.aborted) {
    await sleep(POLL);
    if (await isServing(proxy, route, targets)) return;
  }
}

async function isServing(proxy: KamalProxy, route: string, targets: readonly string[]): Promise<boolean> {
  const now = (await proxy.route(route))?.targets ?? [];
  return now.length === targets.length && now.every((target) => targets.includes(target));
}

const asFailure = (reason: unknown, host: string): CandidateFailed =>
  reason instanceof CandidateFailed ? reason : new CandidateFailed(host, messageOf(reason), []);
