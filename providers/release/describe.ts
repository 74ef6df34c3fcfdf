import { hostNames } from "../../core/host-names.ts";
import { digestIn, parseReference } from "../../core/image-reference.ts";
import { imageOf } from "../../core/release/named-image.ts";
import { describeBodyLimit } from "../../core/route.ts";
import type { HostName, Slot } from "../../core/words.ts";
import { unreachableText } from "../steps/finding.ts";
import type { Fleet } from "./fleet.ts";
import { hostLines } from "./host-lines.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { containersOf, liveOf } from "./live.ts";
import { isRoutine, type Operation, type OperationOf } from "./operation.ts";
import { type Place, places } from "./places.ts";
import { only, type Plan } from "./plan.ts";
import { isStoppedByCommand, isTakenOut, plainName, STOPPED_BY_COMMAND } from "./taken-out.ts";
import { boots, type Wave } from "./wave.ts";

/** One operation in one short phrase, for the plan and for the status line. */
export function describe(operation: Operation): string {
  switch (operation.do) {
    case "remove-leftover":
      return `remove ${operation.container} (leftover)`;
    case "create-network":
      return "create the network kamal";
    case "place-files":
      return `place ${operation.files.join(", ")} for the proxy`;
    case "create-volume":
      return `create the volume ${operation.volume}`;
    case "close":
      return `answer 503 for ${operation.route}${operation.message === "" ? "" : `: "${operation.message}"`}`;
    case "run-command":
      return `run ${operation.command.join(" ")}`;
    case "pause":
      return `hold requests to ${operation.route}`;
    case "stop-before":
      return operation.until === undefined
        ? `stop ${operation.container} first (≤ ${operation.grace} s to finish)`
        : `wait first until ${operation.container} has finished`;
    case "start":
      return `start ${operation.container}`;
    case "share-assets":
      return `share assets between ${operation.volume} and ${operation.with}`;
    case "set-limits":
      return `set the limits of ${operation.container}`;
    case "switch":
      return describeSwitch(operation);
    case "canary":
      return `give ${operation.to} ${describeShare(operation.share)} of ${operation.route}`;
    case "end-canary":
      return `end the canary of ${operation.route}`;
    case "open":
      return `let requests reach ${operation.route} again (it is ${operation.was})`;
    case "reset-limits":
      return `undo the edit of ${operation.container} (${operation.edited.join(", ")})`;
    case "remove-route":
      return `remove the route ${operation.route}`;
    case "stop":
      return describeStop(operation);
    case "remove":
      return `remove ${operation.container} (${operation.because})`;
    case "remove-volume":
      return `remove the volume ${operation.volume} (no container uses it)`;
    case "remove-image":
      return `remove the image ${shortImage(operation.digest)} (no container uses it)`;
    case "remove-files":
      return `remove ${operation.folder} from the proxy's files (no route uses it)`;
    case "remove-network":
      return "remove the network kamal";
  }
}

function describeStop({ container, grace, delay, leaveAfter, until }: OperationOf<"stop">): string {
  if (until !== undefined) return `wait until ${container} has finished`;
  const after = delay === undefined ? "" : ` after ${delay} s`;
  const left = leaveAfter === undefined ? "" : `; the run waits ${leaveAfter} s, then it ends by itself`;
  return `stop ${container}${after} (≤ ${grace} s to finish${left})`;
}

function describeSwitch(operation: OperationOf<"switch">): string {
  const { bodyLimit } = operation;
  return `${describeTargets(operation)}${bodyLimit === undefined ? "" : ` (${describeBodyLimit(bodyLimit)})`}`;
}

function describeTargets({ because, route, to }: OperationOf<"switch">): string {
  if (because === "release") return `switch ${route}`;
  if (because === "route") return `set the route ${route} → ${to.join(", ")}`;
  return `spread ${route} over ${to.length} container${to.length === 1 ? "" : "s"}`;
}

export function describeShare(share: OperationOf<"canary">["share"]): string {
  return share.to === "percent"
    ? `${share.percent} % of the requests with a cookie kamal-rollout`
    : `the requests with kamal-rollout=${share.allow.join(" or ")}`;
}

/** The last release as it was declared, and what the last look found of it. */
interface Before {
  readonly inputs: ReleaseInputs;
  readonly fleet: Fleet;
}

/** The plan as the preview shows it: what the release is, then a line for all hosts with which the same happens. */
export function describePlan(plan: Plan, wanted: ReleaseInputs, before: Before | undefined): string {
  return [
    headline(wanted, before?.inputs),
    ...hostLines(onHosts(plan, wanted, before)),
    ...finishingLines(before),
    ...waveLine(plan, wanted),
    ...hookLine(plan, wanted),
    ...rollbackLine(plan, wanted, before?.inputs),
  ].join("\n");
}

function headline(wanted: ReleaseInputs, before: ReleaseInputs | undefined): string {
  const was = (now: string, then: string | undefined) => (then === undefined || then === now ? "" : `  (was ${then})`);
  const describeImage = (image: string, then: string | undefined) =>
    `${shortImage(image)}${printedIndex(image, wanted)}${was(shortImage(image), then && shortImage(then))}`;
  const own = Object.entries(wanted.images ?? {}).map(
    ([role, { image }]) => `, ${role} ${describeImage(image, before && imageOf(before, role).image)}`,
  );
  const images = [describeImage(wanted.image, before?.image), ...own].join("");
  const env = before ? describeEnv(wanted, before) : "";
  return `release ${wanted.release}${was(wanted.release, before?.release)}   image ${images}${env === "" ? "" : `   env: ${env}`}`;
}

/** The digest that the image's builder printed, where that is of an index with more in it than runs. */
function printedIndex(image: string, { __stored: stored }: ReleaseInputs): string {
  const digest = digestIn(image);
  const index = stored?.[digest]?.index;
  return index === undefined || index === digest ? "" : ` (of the index ${index.slice(0, "sha256:".length + 8)}…)`;
}

/** `shop@sha256:9f31…` */
function shortImage(image: string): string {
  if (image.startsWith("sha256:")) return `${image.slice(0, "sha256:".length + 8)}…`;
  const { repository, digest } = parseReference(image);
  // In a preview that does not know it.
  if (digest === undefined) return image;
  return `${repository.split("/").at(-1)}@${digest.slice(0, "sha256:".length + 8)}…`;
}

/** Names of what changed anywhere; values of clear ones are in the diff, values of secret ones nowhere. */
function describeEnv(wanted: ReleaseInputs, before: ReleaseInputs): string {
  const clear = changes(environments(before, "env"), environments(wanted, "env"));
  const secret = changes(secretValues(before), secretValues(wanted)).map((change) => `secret ${change}`);
  return [...clear, ...secret].join(", ");
}

type Environments = Readonly<Record<Slot, Readonly<Record<string, string>>>>;

const environments = ({ roles }: ReleaseInputs, key: "env" | "secretEnv"): Environments =>
  Object.fromEntries(
    Object.entries(roles).flatMap(([role, spec]) =>
      spec.hosts.map((host): [Slot, Record<string, string>] => [`${host}/${role}`, (spec.on[host] ?? spec)[key]]),
    ),
  );

const secretValues = (inputs: ReleaseInputs): Environments =>
  Object.fromEntries(
    Object.entries(environments(inputs, "secretEnv")).map(([slot, sources]) => [
      slot,
      Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, inputs.secrets[source] ?? ""])),
    ]),
  );

/** What has one value in one role may have another elsewhere, and change there alone. */
function changes(before: Environments, after: Environments): string[] {
  const names = (all: Environments) => new Set(Object.values(all).flatMap((environment) => Object.keys(environment)));
  const [then, now] = [names(before), names(after)];
  const both = Object.entries(after).flatMap(([slot, environment]) => {
    const old = before[slot as Slot];
    return old === undefined ? [] : [[old, environment] as const];
  });
  return [...new Set([...then, ...now])].sort().flatMap((name) => {
    if (!then.has(name)) return [`+${name}`];
    if (!now.has(name)) return [`-${name}`];
    return both.some(([old, environment]) => old[name] !== environment[name]) ? [`~${name}`] : [];
  });
}

/** What happens on each host that changes. */
function onHosts(plan: Plan, wanted: ReleaseInputs, before: Before | undefined): ReadonlyMap<HostName, string> {
  const touched = [...plan.operations, ...plan.unreachable].map(({ host }) => host);
  const hosts = new Set([...Object.keys(wanted.hosts), ...touched]);
  return new Map(
    [...hosts].flatMap((host) => {
      const what = describeHost(plan, wanted, before, host);
      return what === undefined ? [] : [[host, what] as const];
    }),
  );
}

/** What goes on beside the plan. */
const finishingLines = (before: Before | undefined): string[] =>
  Object.entries(before?.fleet ?? {}).flatMap(([host, found]) =>
    found.kind === "unreachable"
      ? []
      : found.containers.flatMap(({ name, finishing }) =>
          finishing === undefined
            ? []
            : [`  finishing on ${host}: ${plainName(name)}, until ${finishing.until} by its clock at the latest`],
        ),
  );

function describeHost(plan: Plan, wanted: ReleaseInputs, before: Before | undefined, host: HostName): string | undefined {
  const lost = plan.unreachable.find((unreached) => unreached.host === host);
  if (lost) return `${unreachableText(lost)}; the run stops before it changes anything`;
  const clash = plan.clashes.find((clashing) => clashing.host === host);
  if (clash) return `${clash.at} is served by ${clash.service} already; the run stops before it changes anything`;
  const operations = plan.operations.filter((operation) => operation.host === host);
  const shown = operations.filter((operation) => !isRoutine(operation));
  if (shown.length === 0) return undefined;
  const starts = places(wanted).filter((place) => place.host === host);
  const drift = new Set(starts.flatMap((place) => describeDrift(place, before)));
  const lastSwitch = operations.findLast((operation) => operation.do === "switch");
  const drains = operations.some((operation) => operation.do === "switch" && operation.from.length > 0);
  const made = new Set(only({ operations }, "start").map(({ container }) => container));
  const inTheWay = only({ operations }, "remove-leftover").filter(({ container }) => made.has(container));
  const replaced = new Set(inTheWay.map(({ container }) => container));
  const phrase = (operation: Operation) =>
    operation.do === "start" && replaced.has(operation.container) ? `re-create ${operation.container}` : describe(operation);
  const steps = shown
    .filter((operation) => !inTheWay.some((one) => one === operation))
    .flatMap((operation) => [
      `${phrase(operation)}${afterWhom(operation, plan, wanted)}`,
      ...(operation === lastSwitch && drains ? [`drain ≤ ${wanted.drainTimeout} s`] : []),
    ]);
  return [[...drift, ...steps].join(" · "), describeGap(starts, wanted, before, operations)]
    .filter((part) => part !== "")
    .join("   ");
}

/** What answers no requests waits until what does is healthy. */
function afterWhom(operation: Operation, plan: Plan, { roles }: ReleaseInputs): string {
  if (operation.do !== "start" || roles[operation.role]?.proxy !== undefined) return "";
  const firstRoles = only(plan, "start").filter(({ role }) => roles[role]?.proxy !== undefined);
  const [first] = firstRoles;
  return first === undefined ? "" : ` after ${[...new Set(firstRoles.map(({ role }) => role))].join(", ")} is healthy`;
}

/** What is not as the last run left it. */
function describeDrift({ slot, host, role, spec, release, track, container: name }: Place, before: Before | undefined): string[] {
  const found = before?.fleet[host];
  if (found?.kind !== "reached") return [];
  const drift: string[] = [];
  if (found.proxy !== "running" && spec.proxy) drift.push(`kamal-proxy found ${found.proxy} (drift)`);
  // A retired container of a release that comes back is where it should be.
  const declared = track === "canary" ? before?.inputs.canary?.containers : before?.inputs.containers;
  if (declared?.[slot] !== release) return drift;
  const own = found.containers.find((container) => container.name === name);
  if (own && !own.running) drift.push(`found ${own.status} (drift)`);
  const byCommand = found.containers.find((one) => isStoppedByCommand(one) && plainName(one.name) === name);
  if (own === undefined && byCommand !== undefined) return [...drift, `found ${STOPPED_BY_COMMAND}`];
  const there = found.containers.filter((one) => one.role === role && one.release === release && !isTakenOut(one));
  const replicas = Math.min(before?.inputs.roles[role]?.replicas ?? 0, spec.replicas);
  if (own === undefined && there.length < replicas) drift.push("found missing (drift)");
  return drift;
}

/** What its users and its work notice while one host changes. */
function describeGap(
  on: readonly Place[],
  { maintenance }: ReleaseInputs,
  before: Before | undefined,
  operations: readonly Operation[],
): string {
  const changed = on.filter(
    ({ role, track }) =>
      track === "release" &&
      operations.some((operation) => (operation.do === "start" || operation.do === "switch") && operation.role === role),
  );
  const known = changed.filter((place) => !isNew(place, before));
  if (known.length === 0) return changed.length === 0 ? "" : "first release";
  const live = ({ host, role, spec }: Place) => liveOf(before?.fleet[host], role, spec.proxy !== undefined);
  if (known.some((place) => !live(place).some(({ running }) => running))) return "was down";
  const outages = known.filter(({ role }) =>
    operations.some((operation) => operation.do === "stop-before" && operation.role === role),
  );
  const held = outages.some(({ role }) => operations.some((operation) => operation.do === "pause" && operation.role === role));
  const replaced = operations.some((operation) => operation.do === "stop");
  const overlaps = known.filter((place) => replaced && place.spec.proxy === undefined && !outages.includes(place));
  const answering = known.some((place) => place.spec.proxy !== undefined && !outages.includes(place));
  return [
    ...(answering ? [maintenance === undefined ? "gap 0 s" : "in maintenance"] : []),
    ...(outages.length > 0 ? [held ? "requests wait while nothing runs" : "down while nothing runs"] : []),
    ...(overlaps.length > 0 ? [`overlap ≤ ${Math.max(...overlaps.map(({ spec }) => spec.stopDelay + spec.stopTimeout))} s`] : []),
  ].join(", ");
}

/** Neither declared there before nor found there; a machine that was never observed counts as empty. */
function isNew({ slot, host, role }: Place, before: Before | undefined): boolean {
  const found = before?.fleet[host];
  if (found === undefined) return true;
  return before?.inputs.containers[slot] === undefined && found.kind === "reached" && containersOf(found, role).length === 0;
}

/** Of more waves, only these and the last one are written out. */
const WAVES_SHOWN = 4;

/** How a release goes through a fleet that it does not take at once. */
function waveLine({ waves }: Plan, { boot }: ReleaseInputs): string[] {
  if (waves.length < 2) return [];
  const wait = boot.wait === 0 ? "" : `, ${boot.wait} s apart`;
  const all = waves.map(describeWave);
  const isLong = all.length > WAVES_SHOWN + 1;
  const inOrder = isLong ? `${all.slice(0, WAVES_SHOWN).join(", then ")}, …, then ${all.at(-1)}` : all.join(", then ");
  return [`  in ${waves.length} waves${wait}: ${inOrder}; if one fails, all go back`];

  function describeWave(wave: Wave): string {
    const [hosts = [], roles = []] = [0, 1].map((part) => [...new Set(wave.map((slot) => slot.split("/")[part] ?? ""))]);
    const names = hosts.length < 3 ? hosts.join(" + ") : hostNames(hosts);
    return `${boot.parallelRoles ? "" : `${roles.join(" + ")} on `}${names}`;
  }
}

/** Whether the release that is replaced could come back without a pull. */
function rollbackLine(plan: Plan, wanted: ReleaseInputs, declared: ReleaseInputs | undefined): string[] {
  const replaced = plan.before.flatMap(({ slot, live }) =>
    live.filter(({ running, release }) => running && release !== wanted.containers[slot]),
  );
  const [first] = replaced;
  if (first === undefined || only(plan, "start").length === 0) return [];
  const removed = new Set(only(plan, "remove").map(({ id }) => id));
  const stays = replaced.every(({ id }) => !removed.has(id));
  // The release of a fleet is known by its own id, where it is the declared one that is replaced.
  const isDeclared = replaced.every(({ release = "" }) => Object.values(declared?.containers ?? {}).includes(release));
  if (first.release === undefined)
    return [
      `  ${first.name} was not started by Slipway: it ${stays ? "stays on its hosts, stopped" : "is removed"}, and slipway rollback cannot return to it`,
    ];
  const name = isDeclared ? declared?.release : first.release;
  return [
    `  rollback to ${name} ${stays ? "stays possible on all hosts" : "will need a pull: retain_containers keeps none of it"}`,
  ];
}

/** The user's own commands in between. */
function hookLine({ waves, operations }: Plan, { __hooks: hooks = {} }: ReleaseInputs): string[] {
  const all = Object.keys(hooks).map((moment) => `hooks.${moment}`);
  return all.length > 0 && waves.some((wave) => boots(wave, operations)) ? [`  run ${all.join(" and ")} around each start`] : [];
}
