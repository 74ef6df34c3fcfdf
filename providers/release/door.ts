import type { Seconds, Slot } from "../../core/words.ts";
import type { KamalProxy } from "../../hosts/index.ts";
import { hostOf, together } from "./crew.ts";
import { type Fleet, routeOf } from "./fleet.ts";
import { type OperationOf, only, type Plan } from "./plan.ts";
import type { Work } from "./work.ts";

type Route = Pick<OperationOf<"hold">, "host" | "role" | "route">;

const proxyOf = ({ crew }: Work, host: string): KamalProxy => {
  return hostOf(crew, host).proxy;
};

/** Turns requests away where the app answers already: before anything else, so that a migration may rely on it. */
export const closeExisting = (work: Work, plan: Plan, before: Fleet): Promise<unknown> =>
  together(
    only(plan, "close").filter((operation) => hasRoute(operation, before)),
    (operation) => close(work, operation),
  );

/** Turns requests away from a route that a switch has just made: the proxy knows none that is closed from its beginning. */
export const closeNew = (work: Work, plan: Plan, { host, role }: OperationOf<"switch">, before: Fleet): Promise<unknown> =>
  together(
    only(plan, "close").filter((one) => one.host === host && one.role === role && !hasRoute(one, before)),
    (operation) => close(work, operation),
  );

const hasRoute = ({ host, role }: Route, before: Fleet): boolean => routeOf(before[host], role) !== undefined;

const close = async (work: Work, { host, route, message }: OperationOf<"close">): Promise<void> =>
  proxyOf(work, host).stop(route, { drain: work.inputs.drainTimeout, message });

/** Requests wait at the proxy, as long as the successor may take. */
export const hold = async (work: Work, { host, route, role }: Route): Promise<void> =>
  proxyOf(work, host).pause(route, { drain: work.inputs.drainTimeout, maxPause: patience(work, role) });

const patience = ({ inputs }: Work, role: string): Seconds => inputs.deployTimeout + (inputs.roles[role]?.stopTimeout ?? 0);

export const letIn = async (work: Work, { host, route }: Route): Promise<void> => proxyOf(work, host).resume(route);

/** Lets requests in again where they were turned away, or were found waiting. Those that this release let wait are in since their wave. */
export const openRoutes = (work: Work, plan: Plan): Promise<unknown> => {
  const held = new Set(only(plan, "hold").map(slotOf));
  return together(
    only(plan, "open").filter((operation) => !held.has(slotOf(operation))),
    (operation) => letIn(work, operation),
  );
};

const slotOf = ({ host, role }: Route): Slot => `${host}/${role}`;
