import { PRESETS, readyAt } from "../../core/accessory/preset.ts";
import { isLoopback } from "../../core/range.ts";
import { sizeText } from "../../core/size.ts";
import { canonical } from "../../core/values.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import { aroundOf, reasonsOf } from "./changes.ts";
import type { ObservedAccessory } from "./found.ts";
import type { AccessoryInputs, AccessoryState } from "./inputs.ts";
import { type AccessoryOperation, only } from "./operation.ts";
import { clashesOf, foreignRivalsOf } from "./plan.ts";

/** One operation, as a plan shows it. */
export function describe(operation: AccessoryOperation, wanted: AccessoryInputs): string {
  switch (operation.do) {
    case "network":
      return `create network ${operation.network}`;
    case "end-restore":
      return operation.running
        ? `wait for the restore of ${operation.container} from ${operation.backup}, which goes on by itself, then what is left to do`
        : `see how the restore of ${operation.container} from ${operation.backup} ended, then what is left to do`;
    case "discard":
      return `${operation.running ? "stop and remove" : "remove"} ${operation.container}, left by an interrupted run`;
    case "revive":
      return `start ${operation.container} again until the new one is created`;
    case "create":
      return `pull ${wanted.image}, create ${operation.container}`;
    case "stop":
      return `stop ${operation.container} (≤ ${wanted.stopTimeout} s)`;
    case "stop-rival":
      return `stop ${operation.container}, which writes to ${operation.source} (≤ ${wanted.stopTimeout} s)`;
    case "start":
      return `start ${operation.container}`;
    case "prove":
      return `healthy? ${proofText(wanted)} (≤ ${wanted.bootTimeout} s)`;
    case "set-limits":
      return `set limits and restart policy ${wanted.options.restart.name} of ${operation.container}`;
    case "remove":
      return `remove the old ${operation.container}, keep its data`;
    case "rename":
      return `rename ${operation.container} to ${operation.to}`;
    case "reset-limits":
      return `${operation.edited.join(", ")}, without a restart`;
    case "route":
      return `route ${operation.route}${operation.because.length === 0 ? "" : ` (${operation.because.join(", ")})`}`;
    case "unroute":
      return `remove the route ${operation.route}`;
  }
}

/** The health check programs of presets. */
const HEALTH_CHECKS = {
  postgres: "pg_isready",
  mysql: "mysqladmin ping",
  mariadb: "mariadb-admin ping",
  redis: "redis-cli ping",
  valkey: "valkey-cli ping",
} as const;

/** The health check of a container, in short. @example "pg_isready", "/up on port 9000" */
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
      // The script of a preset is too long for one line.
      return preset !== undefined && asksPreset(inputs) ? HEALTH_CHECKS[preset] : ready.command.join(" ");
  }
}

/** Whether it uses its preset's check and not a declared command. */
function asksPreset({ preset, ready, containerPort }: AccessoryInputs): boolean {
  if (preset === undefined || ready.by !== "command") return false;
  return canonical(ready.command) === canonical(readyAt(PRESETS[preset], containerPort ?? PRESETS[preset].port));
}

const UNKNOWN_GAP: Seconds = 3;

/** The expected gap: as measured at the last replacement, or else what such a server usually takes. */
export function plannedGap({ preset, ready }: AccessoryInputs, measured: Seconds | undefined): Seconds {
  if (measured !== undefined) return measured;
  // Without a check, a new container has to stay up for a while.
  if (ready.by === "docker") return Math.max(UNKNOWN_GAP, ready.delay + 1);
  return preset === undefined ? UNKNOWN_GAP : PRESETS[preset].gap;
}

/** @example "1.3 s", "12 s" */
export const secondsText = (seconds: Seconds): string => `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;

/** The plan as a preview shows it. */
export function describePlan(
  operations: readonly AccessoryOperation[],
  wanted: AccessoryInputs,
  state: AccessoryState | undefined,
  found: ObservedAccessory,
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
  found: ObservedAccessory,
): string {
  const [rival] = foreignRivalsOf(found);
  if (rival !== undefined) return `refused: ${rival.name} of ${rival.whose} writes to ${rival.source} as well`;
  const [clash] = clashesOf(found);
  if (clash !== undefined) return `the name ${clash.name} is taken by a container that belongs to ${clash.whose}`;
  const gap = `gap about ${secondsText(plannedGap(wanted, state?.gap))}`;
  const because = state === undefined ? [] : reasonsOf(state, wanted);
  const isGoingOn = found.next !== undefined ? ["continues an interrupted run"] : [];
  const reasons = (more: readonly string[]) => {
    const all = [...isGoingOn, ...more];
    return all.length === 0 ? "" : `: ${all.join(", ")}`;
  };
  if (only(operations, "end-restore").length > 0) return "a restore of its data was not seen to its end";
  if (only(operations, "create").length > 0) {
    if (found.main === undefined && found.next === undefined)
      return state === undefined ? `run ${wanted.image}` : `run ${wanted.image}: found missing (drift)   was down`;
    const kamal = found.main?.of === "kamal" ? ["taken over from Kamal with its data"] : [];
    const unknown = because.length + kamal.length === 0 ? ["not as declared (drift)"] : [];
    const down = found.main?.running === false ? `; found ${found.main.status}   was down` : "";
    return `replace in place, ${gap}${reasons([...kamal, ...because, ...unknown])}${down}`;
  }
  if (only(operations, "rename").length > 0) return `finish the interrupted replacement, ${gap}${reasons(because)}`;
  if (only(operations, "start").length > 0) return `start, found ${found.main?.status ?? "missing"} (drift)   was down`;
  const around = state === undefined ? [] : aroundOf(state, wanted);
  if (operations.length === 0 && state === undefined)
    return found.main?.of === "kamal"
      ? "taken over from Kamal as it runs: nothing changes on the host"
      : "runs as declared already: nothing changes on the host";
  if (operations.length === 0) return `no change on the host${reasons(around)}`;
  return `no gap${reasons(around)}`;
}

/** Notes below the steps. */
function notesOf(wanted: AccessoryInputs, state: AccessoryState | undefined, found: ObservedAccessory): string[] {
  return [
    ...passwordNote(wanted, state, found),
    ...kamalNote(wanted, found),
    ...portNote(wanted, found),
    ...dataNote(wanted, state),
  ];
}

const PASSWORDS: ReadonlySet<string> = new Set([
  "POSTGRES_PASSWORD",
  "MYSQL_PASSWORD",
  "MYSQL_ROOT_PASSWORD",
  "MARIADB_PASSWORD",
  "MARIADB_ROOT_PASSWORD",
]);

/** The images of these servers read the password only when they initialize their data. */
function passwordNote(wanted: AccessoryInputs, state: AccessoryState | undefined, { main }: ObservedAccessory): string[] {
  if (state === undefined || main === undefined) return [];
  const changed = Object.entries(wanted.secretEnv).filter(
    ([name, source]) => PASSWORDS.has(name) && state.secrets[state.secretEnv[name] ?? ""] !== wanted.secrets[source],
  );
  return changed.map(([name]) => `a new ${name} does not change the password in existing data: change it in the database too`);
}

/** The host does not show which of both is meant. */
function kamalNote({ accessory }: AccessoryInputs, { kamals }: ObservedAccessory): string[] {
  if (kamals === undefined) return [];
  return [
    `Kamal's ${kamals} is on this host and stays beside it; to take that over with its data: slipway:accessories.${accessory}.service: ${kamals}`,
  ];
}

/** A port without an address means all addresses to Kamal, and 127.0.0.1 to us. */
function portNote({ accessory, publish }: AccessoryInputs, { main }: ObservedAccessory): string[] {
  if (main?.of !== "kamal") return [];
  const closed = publish.filter(({ ip, hostPort }) => isLoopback(ip) && main.open.includes(hostPort));
  return closed.map(
    ({ ip, hostPort, containerPort }) =>
      `port ${hostPort} is open on all addresses now, and will be on ${ip} alone; to keep it open: slipway:accessories.${accessory}.port: "0.0.0.0:${hostPort}:${containerPort}" and public: true`,
  );
}

/** With `data: delete`: what removing the accessory would delete. */
function dataNote({ data }: AccessoryInputs, state: AccessoryState | undefined): string[] {
  if (data === "keep") return [];
  if (state?.bytes === undefined) return ["data: delete: removing it also removes its data; this run measures how much that is"];
  return [`data: delete: removing it also removes ${bytesText(state.bytes)}`];
}

/** `41.2 MB of shop-db-data, 0.1 MB of /home/deploy/shop-db/conf` */
export const bytesText = (bytes: Readonly<Record<string, Bytes>>): string => {
  const parts = Object.entries(bytes).map(([place, count]) => `${sizeText(count)} of ${place}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
};
