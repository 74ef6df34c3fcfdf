import { messageOf } from "../../core/error.ts";
import { ConnectionLost } from "../../hosts/index.ts";
import { CandidateFailed } from "../container/candidate.ts";
import type { Fleet } from "./fleet.ts";
import { timeoutsOf } from "./inputs.ts";
import { routeOf, targetOf } from "./live.ts";
import type { OperationOf } from "./operation.ts";
import type { Work } from "./work.ts";

type Share = OperationOf<"canary">;
type CanaryRoute = Pick<Share, "host" | "role" | "route">;

/** Gives a canary its share of the requests. */
export async function shareWithCanary(operation: Share, work: Work): Promise<void> {
  const { host, route, to } = operation;
  const canary = work.undo.proved.find((candidate) => candidate.place.host === host && candidate.name === to);
  const port = canary?.place.spec.proxy?.appPort;
  if (canary === undefined || port === undefined) throw new TypeError(`no canary ${to} on ${host}`);
  const { proxy } = canary.host;
  work.undo.canaries.push(operation);
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

/** Ends a canary: all requests reach the release. */
export function endCanary(operation: OperationOf<"end-canary">, work: Work): Promise<void> {
  work.undo.canaries.push(operation);
  return end(operation, work);
}

/** The proxy's own stop does not wait for requests that the canary is answering; replacing it by what serves does. */
async function end({ host, route }: CanaryRoute, work: Work): Promise<void> {
  const { proxy } = work.on(host);
  await proxy.rolloutStop(route);
  const live = (await proxy.route(route))?.targets ?? [];
  if (live.length > 0) await proxy.rolloutDeploy(route, live, timeoutsOf(work.inputs));
}

/** Gives back the share that the canary had before, or none. */
export async function revertCanary(operation: CanaryRoute, before: Fleet, work: Work): Promise<void> {
  const { host, role, route } = operation;
  const old = routeOf(before[host], role)?.rollout;
  if (old === undefined) return end(operation, work);
  const { proxy } = work.on(host);
  await proxy.rolloutDeploy(route, old.targets, timeoutsOf(work.inputs));
  await proxy.rolloutSet(route, old);
}
