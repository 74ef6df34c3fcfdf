import { setTimeout as sleep } from "node:timers/promises";
import { POLL } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import { KamalProxy } from "../../hosts/index.ts";
import { type Candidate, CandidateFailed } from "./candidate.ts";
import { hostOf } from "./crew.ts";
import { type Fleet, routeOf, targetOf } from "./fleet.ts";
import { type OperationOf, only, type Plan } from "./plan.ts";
import type { Work } from "./work.ts";

type Switch = OperationOf<"switch">;

/** A switch that happened. The proxy's call goes on until the old target has drained. */
export interface Switched {
  readonly operation: Switch;
  readonly drained: Promise<void>;
}

/** Some host refused after others had switched; those serve the old release again, or the text says why not. */
export class SwitchFailed extends CandidateFailed {
  override readonly name = "SwitchFailed";
  readonly reverted: readonly string[];

  constructor(cause: CandidateFailed, reverted: readonly string[]) {
    super(cause.host, cause.message, cause.evidence);
    this.reverted = reverted;
  }
}

/** Switches every host at once; none waits for another's drain. If one refuses, those that switched go back, once. */
export async function switchAll(work: Work, plan: Plan, candidates: readonly Candidate[], before: Fleet): Promise<Switched[]> {
  const operations = only(plan, "switch");
  const results = await Promise.allSettled(operations.map((operation) => switchOne(work, operation, candidates)));
  const switched = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) {
    work.watch.serving();
    work.run.report.status(`switched ${switched.length}/${operations.length}`);
    return switched;
  }
  const reverted = await Promise.all(switched.map(({ operation }) => revert(work, operation, before)));
  throw new SwitchFailed(asFailure(failed.reason, operations), reverted);
}

async function switchOne(work: Work, operation: Switch, candidates: readonly Candidate[]): Promise<Switched> {
  const { host, role, route } = operation;
  const candidate = candidates.find(({ place }) => place.host === host && place.role === role);
  const proxySpec = candidate?.place.spec.proxy;
  if (candidate === undefined || proxySpec === undefined) throw new TypeError(`no candidate for ${host}/${role}`);
  const { appPort, ...options } = proxySpec;
  const proxy = new KamalProxy(candidate.host);
  const target = targetOf(candidate.id, appPort);
  work.held(host);
  const drained = proxy.deploy(route, target, options, { deploy: work.inputs.deployTimeout, drain: work.inputs.drainTimeout });
  // Whoever waits for the drain hears of its failure; a switch that is reverted has nobody who waits.
  drained.catch(() => {});
  const settled = new AbortController();
  try {
    await Promise.race([drained, serves(proxy, route, target, settled.signal)]);
  } catch (thrown) {
    // Refused, or the line went dead on the way: only the proxy knows which of the two targets answers now.
    const now = await proxy.route(route);
    if (now?.targets[0] !== target)
      throw new CandidateFailed(host, `kamal-proxy did not switch ${route}: ${messageOf(thrown)}`, []);
  } finally {
    settled.abort();
  }
  return { operation, drained };
}

/** Settles at the switch, which the proxy writes down before it drains. The proxy's own call has the deadline. */
async function serves(proxy: KamalProxy, route: string, target: string, settled: AbortSignal): Promise<void> {
  while (!settled.aborted) {
    await sleep(POLL);
    if ((await proxy.route(route))?.targets[0] === target) return;
  }
}

/** Back to what was live, which still runs. A route that did not exist before goes away. What fails here is told, not repeated. */
async function revert(work: Work, { host: name, role, route }: Switch, before: Fleet): Promise<string> {
  const proxy = new KamalProxy(hostOf(work.crew, name));
  const old = routeOf(before[name], role);
  try {
    work.held(name);
    if (old?.targets[0] === undefined) await proxy.remove(route);
    else
      await proxy.deploy(route, old.targets[0], old.options, {
        deploy: work.inputs.deployTimeout,
        drain: work.inputs.drainTimeout,
      });
    return `${name}: switched back`;
  } catch (thrown) {
    return `${name}: could not be switched back: ${messageOf(thrown)}`;
  }
}

function asFailure(reason: unknown, operations: readonly Switch[]): CandidateFailed {
  if (reason instanceof CandidateFailed) return reason;
  const host: HostName = operations[0]?.host ?? "";
  return new CandidateFailed(host, messageOf(reason), []);
}
