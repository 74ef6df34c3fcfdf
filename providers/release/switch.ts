import { setTimeout as sleep } from "node:timers/promises";
import { POLL } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import { together } from "../../core/together.ts";
import { ConnectionLost, type KamalProxy } from "../../hosts/index.ts";
import { CandidateFailed } from "../container/candidate.ts";
import { exitFailure } from "../container/exit.ts";
import { closeNew } from "./admission.ts";
import type { Candidate } from "./candidate.ts";
import { timeoutsOf } from "./inputs.ts";
import { targetOf } from "./live.ts";
import type { OperationOf } from "./operation.ts";
import { only } from "./plan.ts";
import { timed } from "./timed.ts";
import type { Switched } from "./undo-log.ts";
import type { Wave } from "./wave.ts";
import type { Work } from "./work.ts";

type Switch = OperationOf<"switch">;

/** Switches every host of a wave at once; none waits for another's drain. The first refusal is thrown when all have ended. */
export const switchAll = timed("switch", async (work, wave: Wave) => {
  const { plan, undo, run, inputs, watch } = work;
  const operations = only(plan, "switch").filter(({ host, role }) => wave.includes(`${host}/${role}`));
  await requireRunning(undo.proved);
  const results = await Promise.allSettled(operations.map((operation) => switchRoute(operation, work)));
  // After a lost connection the fleet is observed again: that host may have switched.
  const reasons = results.map((result) => (result.status === "rejected" ? result.reason : undefined));
  const lost = reasons.find((reason) => reason instanceof ConnectionLost);
  if (lost !== undefined) throw lost;
  const failed = reasons.findIndex((reason) => reason !== undefined);
  if (failed >= 0) throw asFailure(reasons[failed], operations[failed]?.host ?? "");
  if (inputs.maintenance === undefined) watch.serving();
  if (operations.length > 0) run.report.status(`switched ${undo.switched.length}/${only(plan, "switch").length}`);
});

/**
 * Candidates of all waves so far. The proxy would refuse one that exited while the others proved themselves, but only after other
 * hosts had switched. The only one has just proved itself.
 */
async function requireRunning(candidates: readonly Candidate[]): Promise<void> {
  if (candidates.length === 1) return;
  await together(candidates, async (candidate) => {
    const found = await candidate.host.docker.inspect(candidate.id);
    if (found?.state.status !== "running") throw await exitFailure(candidate);
  });
}

export async function switchRoute(operation: Switch, work: Work): Promise<void> {
  work.undo.switched.push(await switchTargets(operation, work));
  // Until then requests reach what must not be reached yet.
  await closeNew(operation, work);
}

async function switchTargets(operation: Switch, { inputs, undo }: Work): Promise<Switched> {
  const { host, role, route, to } = operation;
  const own = undo.proved.filter(({ place, name }) => place.host === host && place.role === role && to.includes(name));
  const [first] = own;
  const spec = first?.place.spec.proxy;
  if (first === undefined || spec === undefined || own.length < to.length)
    throw new TypeError(`no candidate for ${host}/${role}`);
  const { appPort, ...options } = spec;
  const { proxy } = first.host;
  const targets = own.map(({ id }) => targetOf(id, appPort));
  const drained = proxy.deploy(route, targets, options, timeoutsOf(inputs));
  // The step that waits for the drain reports its failure; after a revert no step waits.
  drained.catch(() => {});
  const settled = new AbortController();
  try {
    await Promise.race([drained, serves(proxy, route, targets, settled.signal)]);
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    // Refused, or the call failed on its way: only the proxy knows which targets serve now.
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
