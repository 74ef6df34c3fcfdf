import { z } from "zod";
import { SlipwayError } from "../../core/error.ts";
import { appName } from "../../core/names.ts";
import { STOPPED_MESSAGE } from "../../core/release/maintenance.ts";
import { imageOf, ReleasedImages } from "../../core/release/named-image.ts";
import { plainName } from "../../core/stored-image.ts";
import { canonical, omitUndefined } from "../../core/values.ts";
import type { HostName, Slot } from "../../core/words.ts";
import { routeDifferences } from "../../hosts/index.ts";
import type { Forgotten } from "../pulumi/forgotten.ts";
import type { News } from "../pulumi/notifier.ts";
import type { Planned, Provider, Reading, Run } from "../pulumi/provider.ts";
import { unreachableText, warnIfUnobserved } from "../steps/finding.ts";
import { applyRelease } from "./apply.ts";
import { claimsOf } from "./claim.ts";
import { describePlan } from "./describe.ts";
import { Fleet, type FoundRoute } from "./fleet.ts";
import { hostLines } from "./host-lines.ts";
import { ReleaseInputs } from "./inputs.ts";
import { liveOf, routeOf } from "./live.ts";
import { foundBefore, goesAsAWhole, leftBehind, nameNow } from "./moved.ts";
import { noteLines } from "./notes.ts";
import { observeFleet } from "./observe.ts";
import { keepStored } from "./parcels.ts";
import { type Place, places } from "./places.ts";
import { isEmpty, type Plan, planRelease } from "./plan.ts";
import { ReleaseRemains } from "./remains.ts";
import { signatureLines } from "./signatures.ts";
import { requireTags, tagLines } from "./tags.ts";
import { isStoppedByCommand, STOPPED_BY_COMMAND } from "./taken-out.ts";
import { withdrawRelease } from "./withdraw.ts";

/** A release that was reached. */
const Reached = ReleasedImages.extend({
  release: z.string(),
  /** When, in ISO 8601. */
  at: z.string(),
  /** The hash of its config. */
  config: z.string().optional(),
  /** The ids of its containers, which differ by role. */
  ids: z.array(z.string()).optional(),
});

/** What one can go back to: far more than any host keeps. */
const REMEMBERED = 20;

export const ReleaseState = ReleaseInputs.extend({
  /** What the last look at the hosts found. */
  fleet: Fleet,
  /** The releases that this stack has had, oldest first. */
  releases: z.array(Reached),
});
export type ReleaseState = z.infer<typeof ReleaseState>;

export const releaseProvider: Provider<ReleaseInputs, ReleaseState, ReleaseInputs> = {
  inputs: ReleaseInputs,
  state: ReleaseState,
  remains: ReleaseRemains,
  id: appName,

  plan: (inputs, state, forgotten) => {
    requireTags(inputs, state);
    if (state !== undefined && appName(state) !== appName(inputs)) throw renamed(inputs, state);
    const fleet = state === undefined ? {} : notForgotten(foundBefore(inputs, state), state, forgotten);
    const plan = planRelease(inputs, fleet);
    const text = [
      describePlan(plan, inputs, state && { inputs: state, fleet }),
      ...tagLines(inputs),
      ...signatureLines(inputs),
      ...noteLines(inputs, state),
    ].join("\n");
    const news =
      state === undefined
        ? []
        : [
            ...newWays(inputs.hosts, state.hosts),
            ...newSources(inputs, state),
            ...farewells(inputs, state, forgotten),
            ...takenNote(inputs, state, plan),
          ];
    return { changes: !isEmpty(plan) || news.length > 0, text: [text, ...news].join("\n") };
  },

  foresee,
  isNewThere: (inputs, state) => Object.values(inputs.hosts).some((host) => nameNow(state.hosts, host) === undefined),

  converge: async (inputs, state, run) => {
    requireTags(inputs, state);
    const hosts = { ...(await leftBehind(inputs, state, run)), ...inputs.hosts };
    const fleet = await applyRelease(inputs, hosts, state && foundBefore(inputs, state), run);
    const releases = remember(inputs, state);
    await keepStored(releases);
    if (state?.releases.at(-1)?.release !== inputs.release) await run.notify?.(newsOf(inputs, state));
    return {
      ...inputs,
      fleet: Object.fromEntries(Object.entries(fleet).filter(([name]) => name in inputs.hosts)),
      releases,
    };
  },

  read: observe,
  claims: claimsOf,
  withdraw: withdrawRelease,
};

/** What runs there now: nothing, or the app as Kamal, a run that died or another stack left it. The proxy is made in the same run. */
function foresee(inputs: ReleaseInputs, { fleet }: ReleaseState, { state }: Planned<ReleaseState>): string {
  const seen = Object.entries(fleet).flatMap(([name, found]) =>
    found.kind === "reached" ? [[name, { ...found, proxy: "running" as const }] as const] : [],
  );
  const known = { ...(state === undefined ? {} : foundBefore(inputs, state)), ...Object.fromEntries(seen) };
  const before = { inputs: state ?? { ...inputs, containers: {} }, fleet: known };
  const notes = Object.entries(fleet).flatMap(([name, found]): [HostName, string][] => {
    if (found.kind === "unreachable") return [[name, `planned without a look at the host: ${found.reason}`]];
    const [stranger] = found.strangers;
    return stranger === undefined ? [] : [[name, `refused: ${stranger.name} belongs to the stack ${stranger.stack}`]];
  });
  const ways = state === undefined ? [] : newWays(inputs.hosts, state.hosts);
  return [
    describePlan(planRelease(inputs, known), inputs, before),
    ...tagLines(inputs),
    ...signatureLines(inputs),
    ...noteLines(inputs, state),
    ...hostLines(new Map(notes)),
    ...ways,
  ].join("\n");
}

/** Containers, labels and routes are named after service and destination: under another name it would be another app on the hosts. */
const renamed = (inputs: ReleaseInputs, state: ReleaseState): SlipwayError =>
  new SlipwayError({
    code: "CONFIG_INVALID",
    what: `the app ${appName(state)} would become ${appName(inputs)}, a different app on its hosts: it would be down until that one serves`,
    evidence: ["the destination is the stack's name unless slipway:destination says otherwise"],
    servesNow: `${appName(state)} ${state.version}; nothing was changed`,
    next: `keep its name: slipway:service: ${state.service}, slipway:destination: ${state.destination ?? "none"}; or, to rename it with a gap: pulumi destroy, which keeps all data, then pulumi up`,
  });

/** A release that was repaired, scaled or rerouted is still the same release. */
function remember(inputs: ReleaseInputs, state: ReleaseState | undefined): ReleaseState["releases"] {
  const { release, version, image, images, __configHash: config, containers } = inputs;
  const known = state?.releases ?? [];
  const last = known.at(-1);
  const where = { image, ...omitUndefined({ images }) };
  if (last?.release === release) return known.with(-1, { ...last, ...where });
  const ids = [...new Set(Object.values(containers))].sort();
  return [...known, { release, version, ...where, at: new Date().toISOString(), config, ids }].slice(-REMEMBERED);
}

/** A release that serves from now on: a new one, or one of before. */
function newsOf(inputs: ReleaseInputs, state: ReleaseState | undefined): News {
  const { service, destination, stack, release: id, version, image } = inputs;
  const past = state?.releases ?? [];
  return {
    event: past.some(({ release }) => release === id) ? "release.rolled_back" : "release.live",
    service,
    destination,
    stack,
    release: { id, version, image },
    previous: past.at(-1)?.release,
    hosts: Object.keys(inputs.hosts).sort(),
    count: past.length,
  };
}

/** Another name, SSH user, port or pinned key changes nothing on a host, but the next run has to know it. */
function newWays(now: ReleaseInputs["hosts"], before: ReleaseInputs["hosts"]): string[] {
  const way = ({ made: _made, ...host }: ReleaseInputs["hosts"][string]) => canonical(host);
  const changed = Object.values(now).filter((host) => {
    const old = before[host.name];
    return old !== undefined && way(old) !== way(host);
  });
  const renamed = Object.values(before).flatMap((old) => {
    const name = nameNow(now, old);
    return name === undefined || name === old.name ? [] : [`  ${name}  was called ${old.name}: nothing changes there`];
  });
  return [
    ...renamed,
    ...changed.map(({ name, user, address, port }) => `  ${name}  is reached as ${user}@${address}:${port} from now on`),
  ];
}

/** The same images from elsewhere restart nothing, but are brought to the hosts from there from now on. */
function newSources(now: ReleaseInputs, before: ReleaseInputs): string[] {
  if (now.release !== before.release) return [];
  const own = Object.entries(now.images ?? {}).map(([role, { image }]) => [image, imageOf(before, role).image] as const);
  return [[now.image, before.image] as const, ...own].flatMap(([image, was]) => {
    return was === image ? [] : [`  ${plainName(image)} is the image of ${plainName(was)}: nothing restarts`];
  });
}

/** Hosts that the user gives up are not asked any more. */
const notForgotten = (fleet: Fleet, { hosts }: ReleaseState, forgotten: Forgotten | undefined): Fleet =>
  Object.fromEntries(
    Object.entries(fleet).filter(([name]) => {
      const host = hosts[name];
      return host === undefined || forgotten?.has(host) !== true;
    }),
  );

/** A run whose engine was killed finished on the hosts, and its end is not in the state. */
const takenNote = (inputs: ReleaseInputs, state: ReleaseState, plan: Plan): string[] =>
  isEmpty(plan) && canonical(state.containers) !== canonical(inputs.containers)
    ? ["  already running everywhere; only the Pulumi state changes"]
    : [];

/** Nothing is done here for them, but the next run must not look for them. */
const farewells = (inputs: ReleaseInputs, state: ReleaseState, forgotten: Forgotten | undefined): string[] =>
  Object.values(state.hosts).flatMap((host) => {
    if (nameNow(inputs.hosts, host) !== undefined) return [];
    if (goesAsAWhole(host.name, inputs, state.made)) return [`  ${host.name}  will be removed with its server`];
    const isGivenUp = !(host.name in inputs.hosts) && forgotten?.has(host) === true;
    return isGivenUp ? [`  ${host.name}  is given up (slipway:forget): what runs there stays`] : [];
  });

async function observe(
  declared: ReleaseInputs,
  run: Run,
  before: ReleaseState | undefined,
): Promise<Reading<ReleaseState, ReleaseInputs>> {
  const fleet = await observeFleet(declared, run.hosts, before?.fleet);
  for (const [host, found] of Object.entries(fleet)) warnIfUnobserved(host, found, run);
  const state = { ...declared, fleet, releases: before?.releases ?? [] };
  if (isEmpty(planRelease(declared, fleet))) return { found: "same", state };
  return { found: "drift", state, inputs: { ...declared, ...whatRuns(declared, fleet) } };
}

/** What runs and serves instead of what was declared, in the same keys, so that the preview names the drift. */
function whatRuns(declared: ReleaseInputs, fleet: Fleet): Pick<ReleaseInputs, "containers" | "routes" | "canary"> {
  const all = Map.groupBy(places(declared), ({ slot, track }) => `${track} ${slot}`);
  const slots = [...all.values()].flatMap((here) => (here[0] === undefined ? [] : [{ ...here[0], here }]));
  const now = (wanted: Place["track"]) =>
    Object.fromEntries(slots.filter(({ track }) => track === wanted).map(({ slot, here }) => [slot, containersNow(here, fleet)]));
  const routes = slots
    .filter(({ track, spec }) => track === "release" && spec.proxy !== undefined)
    .map((place): [Slot, string] => [place.slot, routeNow(declared, place, fleet)]);
  return {
    containers: now("release"),
    routes: Object.fromEntries(routes),
    ...(declared.canary === undefined ? {} : { canary: { ...declared.canary, containers: now("canary") } }),
  };
}

/** What is to be said of each replica, once. */
const containersNow = (here: readonly Place[], fleet: Fleet): string =>
  [...new Set(here.map((place) => containerNow(place, fleet)))].join(", ");

function containerNow({ host, role, spec, release, container: name, replica }: Place, fleet: Fleet): string {
  const found = fleet[host];
  if (found === undefined) return "missing";
  if (found.kind === "unreachable") return unreachableText(found);
  const ofIt = found.containers.filter((one) => one.role === role && one.release === release && one.finishing === undefined);
  const own = ofIt.find((container) => container.name === name) ?? ofIt.find((container) => container.replica === replica);
  if (own === undefined) {
    const [live] = liveOf(found, role, spec.proxy !== undefined);
    return live === undefined || live.release === release ? "missing" : (live.release ?? live.name);
  }
  if (!own.running) return isStoppedByCommand(own) ? STOPPED_BY_COMMAND : own.status;
  return own.edited.length === 0 ? release : `${release}, edited: ${own.edited.join(", ")}`;
}

function routeNow(inputs: ReleaseInputs, { slot, host, role, spec }: Place, fleet: Fleet): string {
  const found = fleet[host];
  const declared = inputs.routes[slot] ?? "";
  if (found === undefined || found.kind === "unreachable" || spec.proxy === undefined) return declared;
  if (found.proxy !== "running") return `kamal-proxy ${found.proxy}`;
  const route = routeOf(found, role);
  if (route === undefined) return "missing";
  const { appPort: _port, ...options } = spec.proxy;
  const differs = routeDifferences(route.options, options);
  if (differs.length > 0) return `edited: ${differs.join(", ")}`;
  const door = describeDoorDrift(inputs, route);
  if (door !== undefined) return door;
  if (liveOf(found, role, true).length < route.targets.length) return `to a container that is gone (${route.targets.join(", ")})`;
  return describeCanaryDrift(inputs, route) ?? declared;
}

function describeDoorDrift({ maintenance }: ReleaseInputs, { state }: FoundRoute): string | undefined {
  if (state.kind === "paused") return "paused: requests wait";
  if (state.kind === "running") return maintenance === undefined ? undefined : "not in maintenance";
  if (state.message === maintenance?.message) return undefined;
  if (state.message === STOPPED_MESSAGE) return STOPPED_BY_COMMAND;
  return `in maintenance${state.message === "" ? "" : `: "${state.message}"`}`;
}

function describeCanaryDrift({ canary }: ReleaseInputs, { rollout }: FoundRoute): string | undefined {
  if (canary === undefined) return rollout === undefined ? undefined : "with a canary that is not declared";
  if (rollout === undefined) return "without its canary";
  const { share } = canary;
  const differs =
    share.to === "percent" ? rollout.percent !== share.percent : canonical(rollout.allow) !== canonical(share.allow);
  return differs ? `its canary gets ${describeRollout(rollout)}` : undefined;
}

const describeRollout = ({ percent, allow }: NonNullable<FoundRoute["rollout"]>): string =>
  [
    ...(percent === 0 && allow.length > 0 ? [] : [`${percent} % of the cookies kamal-rollout`]),
    ...(allow.length === 0 ? [] : [allow.join(", ")]),
  ].join(" and ");
