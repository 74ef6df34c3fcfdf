import type { ContainerName, HostName, ReleaseId, RoleName, Slot } from "../../core/words.ts";
import type { Fleet, Found, FoundHost } from "./fleet.ts";
import { hostLines } from "./host-lines.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { isTidying } from "./operation.ts";
import { fleetIn, partOf, type Slots } from "./part.ts";
import { places } from "./places.ts";
import { only, type Plan, planRelease } from "./plan.ts";
import { isFinishing, mayRun } from "./plan-stops.ts";
import { isTakenOut, plainName, restartingName } from "./taken-out.ts";

/** A restart replaces what runs by new containers of the same release; a start adds what does not run. */
export type Way = "restart" | "start";

/** A container whose place another one is about to take. */
export interface Renaming {
  readonly host: HostName;
  readonly id: string;
  readonly from: ContainerName;
  readonly to: ContainerName;
}

/** What brings the release of some slots up again, as it is declared. */
export interface Restart {
  readonly inputs: ReleaseInputs;
  /** The names that have to be free before the plan is carried out. */
  readonly renamings: readonly Renaming[];
  /** What was found in these slots, under the new names: the plan was made from that. */
  readonly fleet: Fleet;
  readonly plan: Plan;
  /** What runs there instead of the declared release: this is no restart of it. */
  readonly strange: readonly Strange[];
}

interface Strange {
  readonly slot: Slot;
  readonly runs: ReleaseId;
}

/** Pure. */
export function planRestart(whole: ReleaseInputs, found: Fleet, slots: Slots, way: Way): Restart {
  const inputs = partOf(whole, slots);
  const now = fleetIn(found, slots);
  const own = new Map(Map.groupBy(places(inputs), ({ slot }) => slot));
  const isOwn = (slot: Slot, { release }: Found) => own.get(slot)?.some((place) => place.release === release) ?? false;
  const runs = (container: Found) => mayRun(container) && !isFinishing(container);
  const all = Object.entries(now).flatMap(([host, one]) =>
    one.kind === "reached"
      ? one.containers.map((container) => ({ host, slot: `${host}/${container.role}` as Slot, container }))
      : [],
  );
  const strange = all
    .filter(({ slot, container }) => runs(container) && !isTakenOut(container) && !isOwn(slot, container))
    .map(({ slot, container }): Strange => ({ slot, runs: container.release ?? container.name }));
  const renamings = all
    .filter(({ slot, container }) => way === "restart" && runs(container) && !isTakenOut(container) && isOwn(slot, container))
    .map(({ host, container: { id, name } }): Renaming => ({ host, id, from: name, to: restartingName(name) }));
  const fleet = renamed(now, renamings);
  return { inputs, renamings, fleet, plan: withoutMaintenance(planRelease(inputs, fleet)), strange };
}

/** Pure. */
function renamed(fleet: Fleet, renamings: readonly Renaming[]): Fleet {
  const names = new Map(renamings.map(({ id, to }) => [id, to]));
  const nameIn = (found: FoundHost): FoundHost =>
    found.kind !== "reached"
      ? found
      : { ...found, containers: found.containers.map((one) => ({ ...one, name: names.get(one.id) ?? one.name })) };
  return Object.fromEntries(Object.entries(fleet).map(([host, found]) => [host, nameIn(found)]));
}

/** Maintenance may be newer than what the state declares (`slipway maintenance on`): it goes on. */
const withoutMaintenance = (plan: Plan): Plan => ({
  ...plan,
  operations: plan.operations.filter((operation) => operation.do !== "open" || operation.was !== "in maintenance"),
});

/** What is still to do after a restart, as it was read back. */
export const leftAfter = (whole: ReleaseInputs, found: Fleet, slots: Slots): Plan => {
  const { plan } = planRestart(whole, found, slots, "start");
  return { ...plan, operations: plan.operations.filter((operation) => !isTidying(operation)) };
};

/** Whether something does not answer, or does not work, for a moment: its old container stops before the new one starts. */
export const hasOutage = ({ plan }: Restart): boolean => only(plan, "stop-before").length > 0;

/** A line for each host, or for all hosts with which the same happens. */
export function describeRestart({ inputs, plan, fleet }: Restart): string[] {
  const hosts = [...new Set(only(plan, "start").map(({ host }) => host))];
  return hostLines(new Map(hosts.map((host) => [host, describeHost(host)])));

  function describeHost(host: HostName): string {
    const found = fleet[host];
    const before = found?.kind === "reached" ? found.containers : [];
    const isHere = (one: { readonly host: HostName }) => one.host === host;
    const started = only(plan, "start").filter(isHere);
    const replaces = ({ container }: { readonly container: ContainerName }) =>
      before.some((one) => mayRun(one) && plainName(one.name) === container);
    const outages = new Set(
      only(plan, "stop-before")
        .filter(isHere)
        .map(({ role }) => role),
    );
    const held = only(plan, "pause").filter(isHere).length > 0;
    const replaced = started.filter(replaces);
    const steps = started.map((one) => `${replaces(one) ? "restart" : "start"} ${one.container}`);
    const gap = [
      ...(replaced.some(({ role }) => isProxied(role) && !outages.has(role)) ? ["gap 0 s"] : []),
      ...(outages.size > 0 ? [held ? "requests wait while nothing runs" : "down while nothing runs"] : []),
      ...(started.length > replaced.length ? ["was down"] : []),
    ];
    return [steps.join(" · "), gap.join(", ")].filter((part) => part !== "").join("   ");
  }

  function isProxied(role: RoleName): boolean {
    return inputs.roles[role]?.proxy !== undefined;
  }
}
