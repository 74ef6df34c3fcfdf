import { prefixOf } from "../../core/names.ts";
import { STOPPED_MESSAGE } from "../../core/release/maintenance.ts";
import type { RoleSpec } from "../../core/release/role.ts";
import { bodyLimitChange } from "../../core/route.ts";
import { omitUndefined } from "../../core/values.ts";
import type { HostName, RoleName, Slot } from "../../core/words.ts";
import { routeDifferences } from "../../hosts/index.ts";
import type { Unobserved } from "../steps/finding.ts";
import { assetVolume } from "./container.ts";
import type { Fleet, Found, FoundHost, FoundRoute } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { containersOf, liveOf, routeOf, targetOf } from "./live.ts";
import { inOrder, type Kind, type Operation, type OperationOf } from "./operation.ts";
import { type Place, places } from "./places.ts";
import { planCommands } from "./plan-commands.ts";
import { planImages } from "./plan-images.ts";
import { isFinishing, isLeft, mayRun, planLastStop, planStop, planStopBefore } from "./plan-stops.ts";
import { planFileRemovals, planVolumeRemovals, planVolumes } from "./plan-tidying.ts";
import { isTakenOut } from "./taken-out.ts";
import { planWaves, type Wave } from "./wave.ts";

export type { Operation, OperationOf } from "./operation.ts";

/** What one place looks like before the release, for people and for the revert. */
export interface Before {
  readonly slot: Slot;
  readonly live: readonly Found[];
}

/** Every change that a release makes, in the order of the protocol. Without operations, nothing happens on any host. */
export interface Plan {
  readonly operations: readonly Operation[];
  readonly waves: readonly Wave[];
  readonly before: readonly Before[];
  /** Roles whose route another service has: the run stops before it changes anything. */
  readonly clashes: readonly { host: HostName; role: RoleName; service: string; at: string }[];
  /** Hosts that are wanted, or left behind, and cannot be observed: the run stops before it changes anything. */
  readonly unreachable: readonly (Unobserved & { readonly host: HostName })[];
}

export const isEmpty = (plan: Plan): boolean => plan.operations.length + plan.unreachable.length + plan.clashes.length === 0;

/** Operations of one kind. */
export const only = <K extends Kind>({ operations }: Pick<Plan, "operations">, kind: K): OperationOf<K>[] =>
  operations.filter((operation): operation is OperationOf<K> => operation.do === kind);

/** What to do so that `wanted` runs and serves. Pure: the same two values give the same plan. */
export function planRelease(wanted: ReleaseInputs, fleet: Fleet): Plan {
  const isReachable = ({ host }: { host: HostName }) => fleet[host]?.kind !== "unreachable";
  const slots = slotsOf(wanted, fleet).filter(isReachable);
  const changes = slots.flatMap((slot) => planSlot(wanted, slot));
  const commands = planCommands(wanted, fleet, changes);
  const running = [...changes, ...planHelpers(fleet), ...commands, ...planWithdrawals(wanted, fleet)];
  const operations = inOrder([
    ...running,
    ...planNetworks(wanted, fleet),
    ...planFiles(wanted, fleet),
    ...planVolumes(wanted, fleet, running),
    ...planVolumeRemovals(wanted, fleet, running),
    ...planImages(wanted, fleet, running),
    ...planFileRemovals(wanted, fleet),
  ]).filter(isReachable);
  return {
    operations,
    waves: planWaves(wanted, operations),
    before: slots.map(({ slot, live }) => ({ slot, live })),
    clashes: Object.entries(fleet).flatMap(([host, found]) =>
      found.kind === "reached" ? found.clashes.map((clash) => ({ host, ...clash })) : [],
    ),
    // Of a host that the release leaves, too: what runs there would go on to serve.
    unreachable: [...new Set([...Object.keys(wanted.hosts), ...Object.keys(fleet)])]
      .sort()
      .flatMap((host) => unreachable(host, fleet[host])),
  };
}

const unreachable = (host: HostName, found: FoundHost | undefined): Plan["unreachable"] =>
  found?.kind === "unreachable" ? [{ ...found, host }] : [];

/** One role on one host: what is wanted there, and what is there. */
interface SlotState {
  readonly slot: Slot;
  readonly host: HostName;
  readonly role: RoleName;
  readonly spec: RoleSpec;
  /** Each wanted container with the one that is it already. */
  readonly pairs: readonly Pair[];
  readonly others: readonly Found[];
  readonly live: readonly Found[];
  readonly route: FoundRoute | undefined;
}

interface Pair {
  readonly place: Place;
  readonly right: Found | undefined;
}

function slotsOf(wanted: ReleaseInputs, fleet: Fleet): SlotState[] {
  const bySlot = Map.groupBy(places(wanted), ({ slot }) => slot);
  return [...bySlot.values()].flatMap((wantedHere) => {
    const [first] = wantedHere;
    if (first === undefined) return [];
    const { slot, host, role, spec } = first;
    const found = containersOf(fleet[host], role);
    const pairs = pairUp(wantedHere, found);
    const right = new Set(pairs.map((pair) => pair.right));
    const others = found.filter((container) => !right.has(container));
    const live = liveOf(fleet[host], role, spec.proxy !== undefined);
    return [{ slot, host, role, spec, pairs, others, live, route: routeOf(fleet[host], role) }];
  });
}

/** A container that runs what is wanted is kept, whatever run started it, under whatever name: the spec is in the name of the release. */
function pairUp(wanted: readonly Place[], found: readonly Found[]): Pair[] {
  const free = new Set(found.filter((container) => container.running && !isTakenOut(container)));
  const take = (isIt: (container: Found) => boolean): Found | undefined => {
    const taken = [...free].find(isIt);
    if (taken !== undefined) free.delete(taken);
    return taken;
  };
  const named = wanted.map((place) => ({
    place,
    right: take(({ name, release }) => name === place.container && release === place.release),
  }));
  return named.map(({ place, right }) => ({ place, right: right ?? take(({ release }) => release === place.release) }));
}

function planSlot(wanted: ReleaseInputs, state: SlotState): Operation[] {
  const { pairs, others, spec } = state;
  const starts = pairs.flatMap((pair) => planStart(pair, others));
  const running = others.filter(mayRun);
  const stopFirst = spec.strategy === "stop-first" && starts.length > 0;
  const kept = pairs.flatMap(({ right }) => (right === undefined ? [] : [right]));
  const stops = running.flatMap((container) =>
    stopFirst ? [planStopBefore(state, container)] : planStop(state, container, wanted),
  );
  return [
    ...starts,
    ...pairs.flatMap((pair) => planAssets(wanted, pair, stopFirst ? kept : [...kept, ...others])),
    ...pairs.flatMap(planResetLimits),
    ...stops,
    ...planRoute(wanted, state, stopFirst && running.length > 0),
    ...planRetention(wanted, state, starts, stops),
  ];
}

/** Docker lets people edit limits and the restart policy of a running container; both go back without a new container. */
function planResetLimits({ place: { host, role }, right }: Pair): Operation[] {
  if (right === undefined || right.edited.length === 0) return [];
  return [{ do: "reset-limits", host, role, container: right.name, id: right.id, edited: right.edited }];
}

function planStart({ place: { host, role, release, container }, right }: Pair, others: readonly Found[]): Operation[] {
  if (right !== undefined) return [];
  const leftovers = others.filter(({ name, running }) => name === container && !running);
  return [
    ...leftovers.map((leftover) => removeLeftover(host, leftover)),
    { do: "start", host, role, container, release },
    { do: "set-limits", host, role, container },
  ];
}

/** @param beside containers of the slot that may run while this one starts */
function planAssets(wanted: ReleaseInputs, { place, right }: Pair, beside: readonly Found[]): Operation[] {
  const { host, container, spec, replica } = place;
  if (right !== undefined || spec.assets === undefined || replica > 1) return [];
  const volume = assetVolume(wanted, place);
  const theirs = new Set(beside.flatMap(({ running, assets }) => (running && assets !== undefined ? [assets] : [])));
  theirs.delete(volume);
  return [...theirs].sort().map((other) => ({ do: "share-assets", host, container, volume, with: other }));
}

function planRoute(wanted: ReleaseInputs, state: SlotState, outage: boolean): Operation[] {
  const { host, role, spec, route: found } = state;
  const route = prefixOf(wanted, role);
  // A role that left the proxy: its old route would go on to answer, with a container that is about to stop.
  if (spec.proxy === undefined) return found === undefined ? [] : [{ do: "remove-route", host, route }];
  return [
    ...planSwitch(wanted, state, spec.proxy),
    ...planCanary(wanted, state, spec.proxy.appPort),
    ...planDoor(wanted, state, outage),
  ];
}

function planSwitch(
  wanted: ReleaseInputs,
  state: SlotState,
  { appPort, ...options }: NonNullable<RoleSpec["proxy"]>,
): Operation[] {
  const { host, role, live, route, pairs } = state;
  const own = pairs.filter(({ place }) => place.track === "release");
  const ready = own.flatMap(({ right }) => (right === undefined ? [] : [targetOf(right.id, appPort)]));
  const serves = ready.length === own.length && route !== undefined && isSameSet(route.targets, ready);
  if (serves && routeDifferences(route.options, options).length === 0) return [];
  const to = own.map(({ place, right }) => right?.name ?? place.container);
  const from = live.map(({ name }) => name).filter((name) => !to.includes(name));
  const bodyLimit = route && bodyLimitChange(route.options, options);
  const change = { to, from, because: whySwitch(own, live), ...omitUndefined({ bodyLimit }) };
  return [{ do: "switch", host, role, route: prefixOf(wanted, role), ...change }];
}

function whySwitch(own: readonly Pair[], live: readonly Found[]): OperationOf<"switch">["because"] {
  const right = own.flatMap((pair) => (pair.right === undefined ? [] : [pair.right]));
  const answering = live.filter(({ running }) => running);
  if (right.length === own.length && (live.length === 0 || isSameSet(right, live))) return "route";
  const isOfIt = (one: Found) => !isTakenOut(one) && own.some(({ place }) => place.release === one.release);
  return answering.length > 0 && answering.every(isOfIt) ? "replicas" : "release";
}

const isSameSet = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((item) => b.includes(item));

function planCanary(wanted: ReleaseInputs, { host, role, route: found, pairs }: SlotState, port: number): Operation[] {
  const canary = pairs.find(({ place }) => place.track === "canary");
  const at = { host, role, route: prefixOf(wanted, role) };
  if (canary === undefined || wanted.canary === undefined)
    return found?.rollout === undefined ? [] : [{ do: "end-canary", ...at }];
  const { right, place } = canary;
  const { share } = wanted.canary;
  const rollout = found?.rollout;
  const serves = right !== undefined && rollout !== undefined && isSameSet(rollout.targets, [targetOf(right.id, port)]);
  if (serves && isShared(rollout, share)) return [];
  return [{ do: "canary", ...at, to: right?.name ?? place.container, share }];
}

function isShared(found: NonNullable<FoundRoute["rollout"]>, wanted: NonNullable<ReleaseInputs["canary"]>["share"]): boolean {
  if (wanted.to === "percent") return found.percent === wanted.percent && found.allow.length === 0;
  return found.percent === 0 && isSameSet(found.allow, wanted.allow);
}

/** Whether requests reach the app. While no container of a role runs they wait, unless maintenance turns them away. */
function planDoor(wanted: ReleaseInputs, { host, role, route: found }: SlotState, outage: boolean): Operation[] {
  const at = { host, role, route: prefixOf(wanted, role) };
  const state = found?.state ?? { kind: "running" };
  if (wanted.maintenance !== undefined) {
    const { message } = wanted.maintenance;
    return state.kind === "stopped" && state.message === message ? [] : [{ do: "close", ...at, message }];
  }
  if (state.kind === "stopped")
    return [{ do: "open", ...at, was: state.message === STOPPED_MESSAGE ? "stopped" : "in maintenance" }];
  if (!outage || found === undefined) return state.kind === "paused" ? [{ do: "open", ...at, was: "paused" }] : [];
  return [
    { do: "pause", ...at },
    { do: "open", ...at, was: "paused" },
  ];
}

/**
 * The youngest of the replaced releases stay for a rollback. One that still runs counts: it is about to be stopped. What is left over
 * of the wanted release itself is nothing to go back to. What was left to finish goes with the next release that starts something
 * here: that it has ended meanwhile is no reason to change a host.
 */
function planRetention(
  wanted: ReleaseInputs,
  { host, pairs, others }: SlotState,
  starts: readonly Operation[],
  stops: readonly Operation[],
): Operation[] {
  const gone = new Set(starts.flatMap((operation) => (operation.do === "remove-leftover" ? [operation.id] : [])));
  const own = new Set(pairs.map(({ place }) => place.release));
  const isOwn = ({ release }: Found) => release !== undefined && own.has(release);
  const spares = others.filter((container) => isOwn(container) && !gone.has(container.id));
  const counts = (container: Found) => starts.length > 0 || !isTakenOut(container);
  const replaced = others.filter((container) => !isOwn(container) && !gone.has(container.id) && counts(container));
  const releases = Map.groupBy(replaced, ({ release, name }) => release ?? name);
  const age = (containers: readonly Found[]) => Math.max(...containers.map(({ created }) => created));
  const runs = (containers: readonly Found[]) =>
    Number(containers.some((container) => container.running && !isFinishing(container)));
  const old = [...releases.values()].sort((a, b) => runs(b) - runs(a) || age(b) - age(a)).slice(wanted.retainContainers);
  const left = new Set(stops.flatMap((operation) => (isLeft(operation) ? [operation.id] : [])));
  const stays = (container: Found) =>
    isFinishing(container) || left.has(container.id) || (isTakenOut(container) && !container.running && starts.length === 0);
  return [...old.flat(), ...spares].filter((one) => !stays(one)).map((container) => remove(host, container, "retired"));
}

/** A host without a proxy has nothing else that creates the network. A proxy needs it even while it is stopped. */
function planNetworks(wanted: ReleaseInputs, fleet: Fleet): Operation[] {
  const used = new Set(places(wanted).map(({ host }) => host));
  return Object.entries(fleet).flatMap(([host, found]): Operation[] => {
    if (found.kind !== "reached") return [];
    if (used.has(host)) return found.network ? [] : [{ do: "create-network", host }];
    const isLeft = !(host in wanted.hosts) || Object.keys(wanted.roles).length === 0;
    return isLeft && found.network && found.proxy === "missing" ? [{ do: "remove-network", host }] : [];
  });
}

/** Certificates and error pages that a route needs, where the proxy has lost them or never had them. */
function planFiles(wanted: ReleaseInputs, fleet: Fleet): Operation[] {
  const proxied = new Set(Object.values(wanted.roles).flatMap(({ proxy, hosts }) => (proxy === undefined ? [] : hosts)));
  return [...proxied].sort().flatMap((host) => {
    const found = fleet[host];
    const there = found?.kind === "reached" ? found.proxyFiles : [];
    return Object.entries(wanted.proxyFiles)
      .filter(([folder]) => !there.includes(folder))
      .map(([folder, files]): Operation => ({ do: "place-files", host, folder, files: Object.keys(files).sort() }));
  });
}

const planHelpers = (fleet: Fleet): Operation[] =>
  Object.entries(fleet).flatMap(([host, found]) =>
    found.kind === "reached" ? found.helpers.map((helper) => removeLeftover(host, helper)) : [],
  );

/** What runs where the release no longer wants it: on a host that left, or of a role that left a host. */
function planWithdrawals(wanted: ReleaseInputs, fleet: Fleet): Operation[] {
  const kept = new Set(places(wanted).map(({ slot }) => slot));
  return Object.entries(fleet).flatMap(([host, found]) => {
    if (found.kind !== "reached") return [];
    const routes = found.routes.filter(({ role }) => !kept.has(`${host}/${role}`));
    const containers = found.containers.filter(({ role }) => !kept.has(`${host}/${role}`));
    return [
      ...routes.map(({ role }): Operation => ({ do: "remove-route", host, route: prefixOf(wanted, role) })),
      ...containers.filter(mayRun).map((container) => planLastStop(host, container, wanted)),
      ...containers.map((container) => remove(host, container, "withdrawn")),
    ];
  });
}

const remove = (
  host: HostName,
  { name, id, image }: Pick<Found, "name" | "id" | "image">,
  because: OperationOf<"remove">["because"],
): Operation => ({ do: "remove", host, container: name, id, image, because });

const removeLeftover = (host: HostName, { name, id, image }: Pick<Found, "name" | "id" | "image">): Operation => ({
  do: "remove-leftover",
  host,
  container: name,
  id,
  image,
});
