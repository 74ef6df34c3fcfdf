import type { HostName } from "../../core/words.ts";
import { parseReference } from "../../registry/index.ts";
import { type Fleet, liveOf } from "./fleet.ts";
import { containerName, type Place, places, type ReleaseInputs } from "./inputs.ts";
import { type Operation, only, type Plan } from "./plan.ts";

/** One operation in one short phrase, for the plan and for the status line. */
export function describe(operation: Operation): string {
  switch (operation.do) {
    case "start":
      return `start ${operation.container}`;
    case "restore":
      return `undo the edit of ${operation.container} (${operation.edited.join(", ")})`;
    case "switch":
      return operation.because === "route" ? `set the route ${operation.route} → ${operation.to}` : `switch ${operation.route}`;
    case "unroute":
      return `take the route ${operation.route} away`;
    case "stop":
      return `stop ${operation.container} (≤ ${operation.grace} s to finish)`;
    case "remove":
      return `remove ${operation.container} (${operation.because})`;
  }
}

/** The last release as it was declared, and what the last look found of it. */
interface Before {
  readonly inputs: ReleaseInputs;
  readonly fleet: Fleet;
}

/** The plan as the preview shows it: what the release is, then a line per host. */
export function describePlan(plan: Plan, wanted: ReleaseInputs, before: Before | undefined): string {
  return [headline(wanted, before?.inputs), ...hostLines(plan, wanted, before), ...rollbackLine(plan, wanted)].join("\n");
}

function headline(wanted: ReleaseInputs, before: ReleaseInputs | undefined): string {
  const was = (now: string, then: string | undefined) => (then === undefined || then === now ? "" : `  (was ${then})`);
  const image = `${shortImage(wanted.image)}${was(shortImage(wanted.image), before && shortImage(before.image))}`;
  const env = before ? describeEnv(wanted, before) : "";
  return `release ${wanted.release}${was(wanted.release, before?.release)}   image ${image}${env === "" ? "" : `   env: ${env}`}`;
}

/** `shop@sha256:9f31…` */
function shortImage(image: string): string {
  const { repository, digest } = parseReference(image);
  return `${repository.split("/").at(-1)}@${digest?.slice(0, "sha256:".length + 8)}…`;
}

/** Names of what changed; values of clear ones are in the diff, values of secret ones nowhere. */
function describeEnv(wanted: ReleaseInputs, before: ReleaseInputs): string {
  const clear = changes(merge(before, "env"), merge(wanted, "env"));
  const secret = changes(secretValues(before), secretValues(wanted)).map((change) => `secret ${change}`);
  return [...clear, ...secret].join(", ");
}

const merge = (inputs: ReleaseInputs, key: "env" | "secretEnv"): Record<string, string> =>
  Object.assign({}, ...Object.values(inputs.roles).map((role) => role[key]));

const secretValues = (inputs: ReleaseInputs): Record<string, string> =>
  Object.fromEntries(Object.entries(merge(inputs, "secretEnv")).map(([name, source]) => [name, inputs.secrets[source] ?? ""]));

function changes(before: Record<string, string>, after: Record<string, string>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    if (!(name in before)) return [`+${name}`];
    if (!(name in after)) return [`-${name}`];
    return before[name] === after[name] ? [] : [`~${name}`];
  });
}

/** A line per host that changes; a host that changes as the one above says so. */
function hostLines(plan: Plan, wanted: ReleaseInputs, before: Before | undefined): string[] {
  const hosts = [...new Set([...Object.keys(wanted.hosts), ...plan.operations.map(({ host }) => host)])].sort();
  const width = Math.max(...hosts.map(({ length }) => length));
  const told = new Map<string, HostName>();
  return hosts.flatMap((host) => {
    const what = describeHost(plan, wanted, before, host);
    if (what === undefined) return [];
    const twin = told.get(what);
    if (twin === undefined) told.set(what, host);
    return [`  ${host.padEnd(width)}  ${twin === undefined ? what : `as ${twin}`}`];
  });
}

function describeHost(plan: Plan, wanted: ReleaseInputs, before: Before | undefined, host: HostName): string | undefined {
  const lost = plan.unreachable.find((unreached) => unreached.host === host);
  if (lost) return `unreachable: ${lost.reason}; the run stops before it changes anything`;
  const clash = plan.clashes.find((clashing) => clashing.host === host);
  if (clash) return `${clash.at} is served by ${clash.service} already; the run stops before it changes anything`;
  const operations = plan.operations.filter((operation) => operation.host === host);
  if (operations.length === 0) return undefined;
  const starts = places(wanted).filter((place) => place.host === host);
  const drift = starts.flatMap((place) => describeDrift(place, wanted, before));
  const switches = operations.some((operation) => operation.do === "switch" && operation.from !== undefined);
  const steps = operations.flatMap((operation) => [
    describe(operation),
    ...(operation === operations.findLast(({ do: kind }) => kind === "switch") && switches
      ? [`drain ≤ ${wanted.drainTimeout} s`]
      : []),
  ]);
  return [[...drift, ...steps].join(" · "), describeGap(starts, before, operations)].filter((part) => part !== "").join("   ");
}

/** What is not as the last run left it. */
function describeDrift({ slot, host, role, spec, release }: Place, wanted: ReleaseInputs, before: Before | undefined): string[] {
  const found = before?.fleet[host];
  if (found?.reach !== "reached") return [];
  const drift: string[] = [];
  if (found.proxy !== "running" && spec.proxy) drift.push(`kamal-proxy found ${found.proxy} (drift)`);
  // A retired container of a release that comes back is where it should be.
  if (before?.inputs.containers[slot] !== release) return drift;
  const own = found.containers.find(({ name }) => name === containerName(wanted, role, release));
  if (own && !own.running) drift.push(`found ${own.status} (drift)`);
  const renamed = found.containers.some((container) => container.role === role && container.release === release);
  if (own === undefined && !renamed) drift.push("found missing (drift)");
  return drift;
}

/** What its users and its work notice while one host changes. */
function describeGap(on: readonly Place[], before: Before | undefined, operations: readonly Operation[]): string {
  const changed = on.filter(({ role }) =>
    operations.some((operation) => (operation.do === "start" || operation.do === "switch") && operation.role === role),
  );
  if (changed.length === 0) return "";
  if (changed.every((place) => isNew(place, before))) return "first release";
  const live = ({ host, role, spec }: Place) => liveOf(before?.fleet[host], role, spec.proxy !== undefined);
  if (changed.some((place) => live(place)?.running !== true)) return "was down";
  const overlaps = changed.filter(({ spec }) => spec.proxy === undefined).map(({ spec }) => spec.stopTimeout);
  return [
    ...(overlaps.length < changed.length ? ["gap 0 s"] : []),
    ...(overlaps.length > 0 ? [`overlap ≤ ${Math.max(...overlaps)} s`] : []),
  ].join(", ");
}

/** Neither declared there before nor found there; a machine that nobody has looked at counts as empty. */
function isNew({ slot, host }: Place, before: Before | undefined): boolean {
  const found = before?.fleet[host];
  if (found === undefined) return true;
  return before?.inputs.containers[slot] === undefined && found.reach === "reached" && found.containers.length === 0;
}

/** Whether the release that is replaced could come back without a pull. */
function rollbackLine(plan: Plan, wanted: ReleaseInputs): string[] {
  const replaced = plan.before.flatMap(({ slot, live }) =>
    live?.running && live.release !== wanted.containers[slot] ? [live] : [],
  );
  const [first] = replaced;
  if (first === undefined || only(plan, "start").length === 0) return [];
  const removed = new Set(only(plan, "remove").map(({ id }) => id));
  const stays = replaced.every(({ id }) => !removed.has(id));
  return [
    `  rollback to ${first.release ?? first.name} ${stays ? "stays possible on all hosts" : "will need a pull: retain_containers keeps none of it"}`,
  ];
}
