import type { ContainerName, HostName, ReleaseId, RoleName, Seconds, Slot } from "../../core/words.ts";
import { routeDifferences } from "../../hosts/index.ts";
import { containersOf, type Fleet, type Found, type FoundHost, liveOf, routeOf } from "./fleet.ts";
import { containerName, type Place, places, prefixOf, type ReleaseInputs } from "./inputs.ts";

/** One change to one host. Made by `planRelease`, printed by `describe`, executed by `applyRelease`, compared in tests. */
export type Operation =
  | { do: "start"; host: HostName; role: RoleName; container: ContainerName; release: ReleaseId }
  | { do: "restore"; host: HostName; role: RoleName; container: ContainerName; id: string; edited: readonly string[] }
  | {
      do: "switch";
      host: HostName;
      role: RoleName;
      route: string;
      to: ContainerName;
      from?: ContainerName;
      because: "release" | "route";
    }
  | { do: "unroute"; host: HostName; route: string }
  | { do: "stop"; host: HostName; container: ContainerName; id: string; grace: Seconds }
  | {
      do: "remove";
      host: HostName;
      container: ContainerName;
      id: string;
      image: string;
      because: "leftover" | "retired" | "withdrawn";
    };

export type OperationOf<D extends Operation["do"]> = Extract<Operation, { do: D }>;

/** What one host looks like before the release, for people and for the revert. */
export interface Before {
  readonly slot: Slot;
  readonly live: Found | undefined;
}

/** Every change that a release makes, in the order of the protocol. Without operations, nothing happens on any host. */
export interface Plan {
  readonly operations: readonly Operation[];
  readonly before: readonly Before[];
  /** Roles whose route another service has: the run stops before it changes anything. */
  readonly clashes: readonly { host: HostName; role: RoleName; service: string; at: string }[];
  /** Hosts that are wanted but cannot be reached: the run stops before it changes anything. */
  readonly unreachable: readonly { host: HostName; reason: string }[];
}

export const isEmpty = (plan: Plan): boolean => plan.operations.length + plan.unreachable.length + plan.clashes.length === 0;

/** Operations of one kind. */
export const only = <D extends Operation["do"]>(plan: Plan, kind: D): OperationOf<D>[] =>
  plan.operations.filter((operation): operation is OperationOf<D> => operation.do === kind);

const PHASES: readonly Operation["do"][] = ["start", "restore", "switch", "unroute", "stop", "remove"];
const phase = (operation: Operation): number =>
  operation.do === "remove" && operation.because === "leftover" ? -1 : PHASES.indexOf(operation.do);

/** What to do so that `wanted` runs and serves. Pure: the same two values give the same plan. */
export function planRelease(wanted: ReleaseInputs, fleet: Fleet): Plan {
  const wantedPlaces = places(wanted);
  const operations = [
    ...wantedPlaces.flatMap((place) => planPlace(wanted, place, fleet[place.host])),
    ...planWithdrawals(wanted, fleet),
  ];
  return {
    operations: operations.sort((a, b) => phase(a) - phase(b)),
    before: wantedPlaces.map(({ slot, host, role, spec }) => ({
      slot,
      live: liveOf(fleet[host], role, spec.proxy !== undefined),
    })),
    clashes: Object.entries(fleet).flatMap(([host, found]) =>
      found.reach === "reached" ? found.clashes.map((clash) => ({ host, ...clash })) : [],
    ),
    unreachable: Object.keys(wanted.hosts)
      .sort()
      .flatMap((host) => unreachable(host, fleet[host])),
  };
}

const unreachable = (host: HostName, found: FoundHost | undefined): { host: HostName; reason: string }[] =>
  found?.reach === "unreachable" ? [{ host, reason: found.reason }] : [];

function planPlace(wanted: ReleaseInputs, place: Place, host: FoundHost | undefined): Operation[] {
  const { role, spec, release } = place;
  const found = containersOf(host, role);
  const live = liveOf(host, role, spec.proxy !== undefined);
  const name = containerName(wanted, role, release);
  const right = found.find((container) => isRight(container, release));
  const others = found.filter((container) => container !== right);

  return [
    ...(right === undefined ? planStart(place, name, others) : planRestore(place, right)),
    ...planSwitch(wanted, place, right?.name ?? name, right, live, host),
    ...others.filter(({ running }) => running).map((container) => stop(place.host, container, spec.stopTimeout)),
    ...planRetention(
      place.host,
      others.filter(({ name: other }) => other !== name),
      wanted.retainContainers,
    ),
  ];
}

/** A container that runs what is wanted is kept, whatever run started it: the spec is in the name of the release. */
const isRight = ({ running, release }: Found, wanted: ReleaseId): boolean => running && release === wanted;

/** Docker lets people edit limits and the restart policy of a running container; both go back without a swap. */
function planRestore({ host, role }: Place, { id, name, edited }: Found): Operation[] {
  return edited.length === 0 ? [] : [{ do: "restore", host, role, container: name, id, edited }];
}

function planStart({ host, role, release }: Place, name: ContainerName, others: readonly Found[]): Operation[] {
  const leftovers = others.filter((container) => container.name === name && !container.running);
  return [
    ...leftovers.map((container) => remove(host, container, "leftover")),
    { do: "start", host, role, container: name, release },
  ];
}

function planSwitch(
  wanted: ReleaseInputs,
  { host, role, spec }: Place,
  to: ContainerName,
  right: Found | undefined,
  live: Found | undefined,
  found: FoundHost | undefined,
): Operation[] {
  const route = routeOf(found, role);
  // A role that left the proxy: its old route would go on to answer, with a container that is about to stop.
  if (spec.proxy === undefined) return route === undefined ? [] : [{ do: "unroute", host, route: prefixOf(wanted, role) }];
  const { appPort, ...options } = spec.proxy;
  const serves =
    right !== undefined && live?.id === right.id && route?.targets.length === 1 && route.targets[0]?.endsWith(`:${appPort}`);
  if (serves && route && routeDifferences(route.options, options).length === 0) return [];
  const from = live?.name === to ? undefined : live?.name;
  return [
    {
      do: "switch",
      host,
      role,
      route: prefixOf(wanted, role),
      to,
      ...(from === undefined ? {} : { from }),
      because: right === undefined ? "release" : "route",
    },
  ];
}

/** The youngest `retain` of the replaced ones stay for a rollback. One that is still running counts: it is about to be stopped. */
function planRetention(host: HostName, others: readonly Found[], retain: number): Operation[] {
  return [...others]
    .sort((a, b) => Number(b.running) - Number(a.running) || b.created - a.created)
    .slice(retain)
    .map((container) => remove(host, container, "retired"));
}

/** What runs where the release no longer wants it: on a host that left, or of a role that left a host. */
function planWithdrawals(wanted: ReleaseInputs, fleet: Fleet): Operation[] {
  const kept = new Set(places(wanted).map(({ slot }) => slot));
  return Object.entries(fleet).flatMap(([host, found]) => {
    if (found.reach !== "reached") return [];
    const routes = found.routes.filter(({ role }) => !kept.has(`${host}/${role}`));
    const containers = found.containers.filter(({ role }) => !kept.has(`${host}/${role}`));
    const grace = (role: RoleName) => wanted.roles[role]?.stopTimeout ?? wanted.drainTimeout;
    return [
      ...routes.map(({ role }): Operation => ({ do: "unroute", host, route: prefixOf(wanted, role) })),
      ...containers.filter(({ running }) => running).map((container) => stop(host, container, grace(container.role))),
      ...containers.map((container) => remove(host, container, "withdrawn")),
    ];
  });
}

const stop = (host: HostName, { name, id }: Found, grace: Seconds): Operation => ({
  do: "stop",
  host,
  container: name,
  id,
  grace,
});

const remove = (host: HostName, { name, id, image }: Found, because: OperationOf<"remove">["because"]): Operation => ({
  do: "remove",
  host,
  container: name,
  id,
  image,
  because,
});
