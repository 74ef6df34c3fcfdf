import { together } from "../../core/together.ts";
import type { Seconds } from "../../core/words.ts";
import type { Fleet } from "./fleet.ts";
import { routeOf } from "./live.ts";
import type { OperationOf } from "./operation.ts";
import { only } from "./plan.ts";
import type { Work } from "./work.ts";

type Route = Pick<OperationOf<"pause">, "host" | "role" | "route">;

/** Whether requests reach the app, wait at the proxy, or are answered with 503. */
export const close = ({ host, route, message }: OperationOf<"close">, work: Work): Promise<void> =>
  work.on(host).proxy.stop(route, { drain: work.inputs.drainTimeout, message });

/** Requests wait at the proxy, for as long as the successor may take. */
export function pause(operation: OperationOf<"pause">, work: Work): Promise<void> {
  work.undo.paused.push(operation);
  const { host, route, role } = operation;
  return work.on(host).proxy.pause(route, { drain: work.inputs.drainTimeout, maxPause: longestPause(work, role) });
}

const longestPause = ({ inputs }: Work, role: string): Seconds => inputs.deployTimeout + (inputs.roles[role]?.stopTimeout ?? 0);

/** Requests that a wave has held were let in with it: its successor serves, whatever else the release has still to do. */
export async function open({ host, role, route }: OperationOf<"open">, work: Work): Promise<void> {
  if (only(work.plan, "pause").some((operation) => operation.host === host && operation.role === role)) return;
  await resume({ host, role, route }, work);
}

export const resume = ({ host, route }: Route, work: Work): Promise<void> => work.on(host).proxy.resume(route);

export const hasRoute = ({ host, role }: Route, before: Fleet): boolean => routeOf(before[host], role) !== undefined;

/** Closes a route that a switch has just created: kamal-proxy cannot create a route already stopped. */
export const closeNew = (at: OperationOf<"switch">, work: Work): Promise<unknown> =>
  together(
    only(work.plan, "close").filter(
      (operation) => operation.host === at.host && operation.role === at.role && !hasRoute(operation, work.before),
    ),
    (operation) => close(operation, work),
  );
