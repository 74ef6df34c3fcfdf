import { prefixOf } from "../../core/names.ts";
import { STOPPED_MESSAGE } from "../../core/release/maintenance.ts";
import type { HostName, RoleName, Slot } from "../../core/words.ts";
import { describe } from "./describe.ts";
import type { Fleet } from "./fleet.ts";
import { hostLines } from "./host-lines.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { containersOf, routeOf } from "./live.ts";
import type { Operation, OperationOf } from "./operation.ts";
import type { Slots } from "./part.ts";
import { isFinishing, mayRun, planLastStop } from "./plan-stops.ts";

/** What a person asks for at once, between two releases: to turn requests away, to let them in again, or to stop containers. */
export type Action = OperationOf<"close"> | OperationOf<"open"> | RoleStop;

type RoleStop = OperationOf<"stop"> & { readonly role: RoleName };

interface At {
  readonly slot: Slot;
  readonly host: HostName;
  readonly role: RoleName;
}

const slotsOf = ({ roles }: ReleaseInputs, slots: Slots): At[] =>
  Object.entries(roles).flatMap(([role, { hosts }]) =>
    hosts.map((host): At => ({ slot: `${host}/${role}`, host, role })).filter(({ slot }) => slots.has(slot)),
  );

/** Requests are turned away first; what is in maintenance stays so. Then everything of these slots stops, whatever its release. Pure. */
export function planAppStop(inputs: ReleaseInputs, fleet: Fleet, slots: Slots): Action[] {
  const all = slotsOf(inputs, slots);
  const closes = all.flatMap((at): Action[] => {
    const route = routeOf(fleet[at.host], at.role);
    if (route === undefined || route.state.kind === "stopped") return [];
    return [{ do: "close", host: at.host, role: at.role, route: prefixOf(inputs, at.role), message: STOPPED_MESSAGE }];
  });
  const stops = all.flatMap(({ host, role }) =>
    containersOf(fleet[host], role)
      .filter((container) => mayRun(container) && !isFinishing(container))
      .map((container): RoleStop => ({ ...planLastStop(host, container, inputs), role })),
  );
  return [...closes, ...stops];
}

/** Every route of the app is closed with this message. One that `slipway stop` has closed stays as it is. Pure. */
export const planMaintenance = (inputs: ReleaseInputs, fleet: Fleet, slots: Slots, message: string): OperationOf<"close">[] =>
  slotsOf(inputs, slots).flatMap(({ host, role }): OperationOf<"close">[] => {
    const state = routeOf(fleet[host], role)?.state;
    if (state === undefined || (state.kind === "stopped" && [message, STOPPED_MESSAGE].includes(state.message))) return [];
    return [{ do: "close", host, role, route: prefixOf(inputs, role), message }];
  });

/** Every route of the app that is in maintenance is opened. Pure. */
export const planEndOfMaintenance = (inputs: ReleaseInputs, fleet: Fleet, slots: Slots): OperationOf<"open">[] =>
  slotsOf(inputs, slots).flatMap(({ host, role }): OperationOf<"open">[] => {
    const state = routeOf(fleet[host], role)?.state;
    if (state?.kind !== "stopped" || state.message === STOPPED_MESSAGE) return [];
    return [{ do: "open", host, role, route: prefixOf(inputs, role), was: "in maintenance" }];
  });

/** A line for each host, or for all hosts with which the same happens. */
export const describeActions = (actions: readonly Operation[]): string[] =>
  hostLines(
    new Map([...Map.groupBy(actions, ({ host }) => host)].map(([host, own]) => [host, own.map(describe).join(" · ")] as const)),
  );
