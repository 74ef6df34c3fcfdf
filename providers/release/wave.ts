import type { HostName, Slot } from "../../core/words.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Operation } from "./operation.ts";

/** Slots that start, prove themselves and switch together, before the next wave begins. */
export type Wave = readonly Slot[];

/** Hosts in groups of `boot.limit`, and roles one after the other if they must not go together. Hosts that answer requests come first. */
export function planWaves({ boot, roles }: Pick<ReleaseInputs, "boot" | "roles">, operations: readonly Operation[]): Wave[] {
  const changing = slotsThatChange(operations);
  const names = Object.keys(roles).sort((a, b) => Number(isProxied(b)) - Number(isProxied(a)) || (a < b ? -1 : 1));
  const groups = boot.parallelRoles ? [names] : names.map((name) => [name]);
  return groups.flatMap((group) => {
    const slots = group.flatMap((role) => (roles[role]?.hosts ?? []).map((host): [HostName, Slot] => [host, `${host}/${role}`]));
    const wanted = slots.filter(([, slot]) => changing.has(slot));
    const hosts = [...new Set(wanted.map(([host]) => host))];
    return chunks(hosts, boot.limit).map((chunk) => wanted.filter(([host]) => chunk.includes(host)).map(([, slot]) => slot));
  });

  function isProxied(role: string): boolean {
    return roles[role]?.proxy !== undefined;
  }
}

/** Whether containers start in a wave, or one that a killed run has started is to serve: a change of routes alone starts nothing. */
export const boots = (wave: Wave, operations: readonly Operation[]): boolean =>
  operations.some((operation) => {
    const isBoot = operation.do === "start" || (operation.do === "switch" && operation.because !== "route");
    return isBoot && wave.includes(`${operation.host}/${operation.role}`);
  });

const slotsThatChange = (operations: readonly Operation[]): ReadonlySet<Slot> =>
  new Set(
    operations.flatMap((operation) =>
      operation.do === "start" || operation.do === "switch" || operation.do === "stop-before" || operation.do === "canary"
        ? [`${operation.host}/${operation.role}` as const]
        : [],
    ),
  );

/** @example chunks(["a", "b", "c"], 2) // [["a", "b"], ["c"]] */
function chunks<T>(items: readonly T[], size: number): T[][] {
  if (items.length === 0) return [];
  if (size <= 0) return [[...items]];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
