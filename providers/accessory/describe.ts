import { PRESETS, readyAt } from "../../core/accessory/preset.ts";
import { canonical } from "../../core/values.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import { aroundOf, reasonsOf } from "./changes.ts";
import type { Reached } from "./found.ts";
import type { AccessoryInputs, AccessoryState } from "./inputs.ts";
import { type AccessoryOperation, only } from "./operation.ts";
import { clashesOf } from "./plan.ts";

/** One operation, for people. */
export function describe(operation: AccessoryOperation, wanted: AccessoryInputs): string {
  switch (operation.do) {
    case "network":
      return `create network ${operation.network}`;
    case "discard":
      return `${operation.running ? "stop and remove" : "remove"} ${operation.container}, left by a run that did not end`;
    case "revive":
      return `start ${operation.container} again until the new one is made`;
    case "create":
      return `pull ${wanted.image}, make ${operation.container}`;
    case "halt":
      return `stop ${operation.container} (≤ ${wanted.stopTimeout} s)`;
    case "start":
      return `start ${operation.container}`;
    case "prove":
      return `healthy? ${proofText(wanted)} (≤ ${wanted.bootTimeout} s)`;
    case "settle":
      return `limits and restart ${wanted.options.restart.name} on ${operation.container}`;
    case "remove":
      return `remove the old ${operation.container}, keep its data`;
    case "rename":
      return `rename ${operation.container} to ${operation.to}`;
    case "restore":
      return `${operation.edited.join(", ")}: without a restart`;
    case "route":
      return `route ${operation.route}${operation.because.length === 0 ? "" : ` (${operation.because.join(", ")})`}`;
    case "unroute":
      return `remove the route ${operation.route}`;
  }
}

/** Programs that presets ask, by their own names. */
const ASKED = {
  postgres: "pg_isready",
  mysql: "mysqladmin ping",
  mariadb: "mariadb-admin ping",
  redis: "redis-cli ping",
  valkey: "valkey-cli ping",
} as const;

/** What a container is asked, shortly. @example "pg_isready", "/up on port 9000" */
export function proofText(inputs: AccessoryInputs): string {
  const { preset, ready } = inputs;
  switch (ready.by) {
    case "http":
      return `${ready.path} on port ${ready.port}`;
    case "tcp":
      return `port ${ready.port}`;
    case "docker":
      return "its Docker health check";
    case "command":
      // The script of a preset is longer than what a line can hold.
      return preset !== undefined && asksPreset(inputs) ? ASKED[preset] : ready.command.join(" ");
  }
}

/** Whether it is proved as its preset does it, and not by a command of the user's own. */
function asksPreset({ preset, ready, containerPort }: AccessoryInputs): boolean {
  if (preset === undefined || ready.by !== "command") return false;
  return canonical(ready.command) === canonical(readyAt(PRESETS[preset], containerPort ?? PRESETS[preset].port));
}

const UNKNOWN_GAP: Seconds = 3;

/** How long nothing serves, as far as that is known before: what the last replace has measured, else what such a server usually takes. */
export function plannedGap({ preset, ready }: AccessoryInputs, measured: Seconds | undefined): Seconds {
  if (measured !== undefined) return measured;
  // Without anything to ask, a new container has to stay up for a while.
  if (ready.by === "docker") return Math.max(UNKNOWN_GAP, ready.delay + 1);
  return preset === undefined ? UNKNOWN_GAP : PRESETS[preset].gap;
}

/** @example "1.3 s", "12 s" */
export const secondsText = (seconds: Seconds): string => `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;

/** The plan as a person reads it before it happens; empty where there is nothing to say. */
export function describePlan(
  operations: readonly AccessoryOperation[],
  wanted: AccessoryInputs,
  state: AccessoryState | undefined,
  found: Reached,
): string {
  const steps = operations.map((operation) => describe(operation, wanted)).join(" · ");
  const lines = [headline(operations, wanted, state, found), ...(steps === "" ? [] : [steps]), ...notesOf(wanted, state, found)];
  return [`${wanted.accessory} on ${wanted.host.name}   ${lines[0] ?? ""}`, ...lines.slice(1).map((line) => `  ${line}`)].join(
    "\n",
  );
}

function headline(
  operations: readonly AccessoryOperation[],
  wanted: AccessoryInputs,
  state: AccessoryState | undefined,
  found: Reached,
): string {
  const [clash] = clashesOf(found);
  if (clash !== undefined) return `cannot have the name ${clash.name}: that container is of ${clash.whose}`;
  const gap = `gap about ${secondsText(plannedGap(wanted, state?.gap))}`;
  const because = state === undefined ? [] : reasonsOf(state, wanted);
  const isGoingOn = found.next !== undefined ? ["goes on from a run that did not end"] : [];
  const reasons = (more: readonly string[]) => {
    const all = [...isGoingOn, ...more];
    return all.length === 0 ? "" : `: ${all.join(", ")}`;
  };
  if (only(operations, "create").length > 0) {
    if (found.main === undefined && found.next === undefined)
      return state === undefined ? `run ${wanted.image}` : `run ${wanted.image}: found missing (drift)   was down`;
    const kamal = found.main?.of === "kamal" ? ["taken over from Kamal with its data"] : [];
    const unknown = because.length + kamal.length === 0 ? ["not as declared (drift)"] : [];
    const down = found.main?.running === false ? `; found ${found.main.status}   was down` : "";
    return `replace in place, ${gap}${reasons([...kamal, ...because, ...unknown])}${down}`;
  }
  if (only(operations, "rename").length > 0) return `finish the replace that was interrupted, ${gap}${reasons(because)}`;
  if (only(operations, "start").length > 0) return `start, found ${found.main?.status ?? "missing"} (drift)   was down`;
  const around = state === undefined ? [] : aroundOf(state, wanted);
  if (operations.length === 0) return `no change on the host${reasons(around)}`;
  return `no gap${reasons(around)}`;
}

/** What a person should know beside the steps. */
function notesOf(wanted: AccessoryInputs, state: AccessoryState | undefined, found: Reached): string[] {
  return [...passwordNote(wanted, state, found), ...dataNote(wanted, state)];
}

const PASSWORDS: ReadonlySet<string> = new Set([
  ...["POSTGRES_PASSWORD", "MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD", "MARIADB_PASSWORD", "MARIADB_ROOT_PASSWORD"],
]);

/** The images of these servers read a password when they make their data, and never again. */
function passwordNote(wanted: AccessoryInputs, state: AccessoryState | undefined, { main }: Reached): string[] {
  if (state === undefined || main === undefined) return [];
  const changed = Object.entries(wanted.secretEnv).filter(
    ([name, source]) => PASSWORDS.has(name) && state.secrets[state.secretEnv[name] ?? ""] !== wanted.secrets[source],
  );
  return changed.map(
    ([name]) => `a new ${name} changes no password in data that is there already: change it in the database itself, too`,
  );
}

/** What goes when the accessory is removed, where that was written. */
function dataNote({ data }: AccessoryInputs, state: AccessoryState | undefined): string[] {
  if (data === "keep") return [];
  if (state?.bytes === undefined)
    return ["data: delete: when it is removed, its data goes, too; this run measures how much that is"];
  return [`data: delete: when it is removed, this goes with it: ${bytesText(state.bytes)}`];
}

/** `41.2 MB of shop-db-data, 0.1 MB of /home/deploy/shop-db/conf` */
export const bytesText = (bytes: Readonly<Record<string, Bytes>>): string => {
  const parts = Object.entries(bytes).map(([place, count]) => `${sizeText(count)} of ${place}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
};

const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

function sizeText(bytes: Bytes): string {
  const at = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** at;
  return `${at === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[at]}`;
}
