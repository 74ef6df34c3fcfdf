import { type Address, isSameMachine } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { Fleet } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { otherMachines } from "./machines.ts";
import { addressesOf, askable } from "./withdraw.ts";

type Hosts = ReleaseInputs["hosts"];

/** What the last run declared, and what it found. */
export interface Before {
  readonly hosts: Hosts;
  /** Hosts that the program makes: what runs there goes with its machine. */
  readonly made: readonly string[];
  readonly fleet: Fleet;
}

/**
 * What was found before, under the names that the machines have now. What was found of machines that a name no longer means says nothing
 * about the new ones, and what goes with its machine is not this release's to take down.
 */
export function foundBefore(inputs: ReleaseInputs, { hosts, made, fleet }: Before): Fleet {
  const now = Object.entries(fleet).flatMap(([name, found]) => {
    const here = nameNow(inputs.hosts, hosts[name]);
    if (here !== undefined) return [[here, found] as const];
    return name in inputs.hosts || goesAsAWhole(name, inputs, made) ? [] : [[name, found] as const];
  });
  return Object.fromEntries(now);
}

/** The name of the same address now. */
export const nameNow = (hosts: Hosts, before: Address | undefined): string | undefined =>
  before && Object.values(hosts).find((host) => isSameMachine(host, before))?.name;

export const goesAsAWhole = (name: string, { hosts }: Pick<ReleaseInputs, "hosts">, made: readonly string[]): boolean =>
  made.includes(name) && !(name in hosts);

/**
 * Machines that the last release ran on and this one does not: their name left the config, or means another machine now. A machine that
 * is only reached by another address is not among them.
 */
export async function leftBehind(inputs: ReleaseInputs, before: Before | undefined, run: Run): Promise<Hosts> {
  if (before === undefined) return {};
  const left = Object.values(before.hosts).filter(
    (old) => !before.made.includes(old.name) && nameNow(inputs.hosts, old) === undefined,
  );
  if (left.length === 0) return {};
  const named = left.map((old) => {
    const name = old.name in inputs.hosts ? `${old.name} at ${old.address}` : old.name;
    return [name, { ...old, name }] as const;
  });
  const answering = await askable({ ...inputs, hosts: Object.fromEntries(named) }, run);
  return addressesOf(await otherMachines(inputs, answering, run));
}
