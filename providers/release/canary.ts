import { messageOf } from "../../core/error.ts";
import { ConnectionLost } from "../../hosts/index.ts";
import { CandidateFailed } from "../container/candidate.ts";
import { hostOf, together } from "./crew.ts";
import { type Fleet, routeOf, targetOf } from "./fleet.ts";
import { timeoutsOf } from "./inputs.ts";
import { type OperationOf, only, type Plan } from "./plan.ts";
import type { CanaryChange, UndoLog } from "./undo-log.ts";
import type { Work } from "./work.ts";

type Share = OperationOf<"canary">;

/** Gives the canaries their share of the requests. */
export const shareWithCanaries = (work: Work, plan: Plan, undo: UndoLog): Promise<unknown> =>
  together(only(plan, "canary"), (operation) => share(work, operation, undo));

async function share(work: Work, operation: Share, undo: UndoLog): Promise<void> {
  const { host, route, to } = operation;
  const canary = undo.proved.find((candidate) => candidate.place.host === host && candidate.name === to);
  const port = canary?.place.spec.proxy?.appPort;
  if (canary === undefined || port === undefined) throw new TypeError(`no canary ${to} on ${host}`);
  const proxy = canary.host.proxy;
  undo.canaries.push(operation);
  try {
    await proxy.rolloutDeploy(route, [targetOf(canary.id, port)], timeoutsOf(work.inputs));
    await proxy.rolloutSet(route, rolloutOf(operation));
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    throw new CandidateFailed(host, `kamal-proxy did not give ${to} its share of ${route}: ${messageOf(thrown)}`, []);
  }
}

const rolloutOf = ({ share }: Share): { percent?: number; allow?: string[] } =>
  share.to === "percent" ? { percent: share.percent } : { allow: [...share.allow] };

/**
 * Takes the share of canaries away again: all requests reach the release. The proxy's own stop does not wait for the requests that
 * a canary has begun; giving its place to what serves does.
 */
export const endCanaries = (work: Work, plan: Plan, undo: UndoLog): Promise<unknown> =>
  together(only(plan, "uncanary"), (operation) => {
    undo.canaries.push(operation);
    return end(work, operation);
  });

async function end(work: Work, { host, route }: CanaryChange): Promise<void> {
  const proxy = hostOf(work.crew, host).proxy;
  await proxy.rolloutStop(route);
  const live = (await proxy.route(route))?.targets ?? [];
  if (live.length > 0) await proxy.rolloutDeploy(route, live, timeoutsOf(work.inputs));
}

/** Gives back the share that was there before, or none. */
export async function restoreCanary(work: Work, operation: CanaryChange, before: Fleet): Promise<void> {
  const { host, role, route } = operation;
  const old = routeOf(before[host], role)?.rollout;
  if (old === undefined) return end(work, operation);
  const proxy = hostOf(work.crew, host).proxy;
  await proxy.rolloutDeploy(route, old.targets, timeoutsOf(work.inputs));
  await proxy.rolloutSet(route, old);
}
