import { reasonOf } from "../../core/error.ts";
import { hostNames } from "../../core/host-names.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import { describeFreeze, describeHolders, type Freeze, type Holder } from "../../hosts/index.ts";
import type { StackDeclaration } from "../stack/declaration.ts";

/** What `slipway lock status --json` prints. Keys are added, never renamed or removed. */
export interface LockReport {
  readonly schema: 1;
  readonly stack: string;
  readonly hosts: readonly FreezeReport[];
}

/** One host. */
export interface FreezeReport {
  readonly host: HostName;
  /** Why it could not be asked; null if it was. */
  readonly unreachable: string | null;
  readonly freezes: readonly FrozenApp[];
  /** Runs that are changing it now. */
  readonly leases: readonly { readonly owner: string; readonly held_seconds: Seconds }[];
}

/** A freeze, by the host's own clock. */
export interface FrozenApp {
  readonly app: string;
  readonly by: string;
  /** Empty if no reason was given. */
  readonly why: string;
  readonly since_seconds: Seconds;
  readonly left_seconds: Seconds;
}

/** Pure. @param thrown why the host could not be asked */
export const freezeReport = (
  host: HostName,
  freezes: readonly Freeze[],
  holders: readonly Holder[] = [],
  thrown?: unknown,
): FreezeReport => ({
  host,
  unreachable: thrown === undefined ? null : reasonOf(thrown, host),
  freezes: freezes.map(({ app, by, why, age, left }) => ({ app, by, why, since_seconds: age, left_seconds: left })),
  leases: holders.map(({ owner, seconds }) => ({ owner, held_seconds: seconds })),
});

/** Pure. */
export const reportOf = (
  apps: readonly [Pick<StackDeclaration, "stack">, ...unknown[]],
  hosts: readonly FreezeReport[],
): LockReport => ({
  schema: 1,
  stack: apps[0].stack,
  hosts,
});

/** What was frozen before it was ended. */
export function thawedLines(hosts: readonly FreezeReport[], now = new Date()): string[] {
  const frozen = hosts.filter(({ freezes }) => freezes.length > 0);
  if (frozen.length === 0) return ["nothing was frozen"];
  return freezeLines(frozen, now).map((line) => `ended: ${line}`);
}

/** One line for what several hosts have in common. */
export function freezeLines(hosts: readonly FreezeReport[], now = new Date()): string[] {
  const lines = new Map<string, HostName[]>();
  for (const { host, unreachable, freezes, leases } of hosts) {
    const texts = [
      ...(unreachable === null ? [] : [`could not be asked: ${unreachable}`]),
      ...freezes.map((freeze) => frozenText(freeze, now)),
      ...(leases.length === 0
        ? []
        : [`locked by ${describeHolders(leases.map(({ owner, held_seconds: seconds }) => ({ owner, seconds })))}`]),
    ];
    for (const text of texts.length === 0 ? ["free"] : texts) lines.set(text, [...(lines.get(text) ?? []), host]);
  }
  return [...lines].map(([text, names]) => `${hostNames(new Set(names))}: ${text}`);
}

function frozenText({ app, by, why, since_seconds: age, left_seconds: left }: FrozenApp, now: Date): string {
  return `${app} is frozen by ${describeFreeze({ app, by, why, age, left }, now)}${why === "" ? "" : `: ${why}`}`;
}
