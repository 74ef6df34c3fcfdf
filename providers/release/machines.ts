import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { targetsOf } from "./targets.ts";

/**
 * Those of the left hosts that really are different machines: a machine that got a new address or port, or a new name, is not left.
 * A wanted host that does not answer stops the run later, before it changes anything.
 */
export async function otherMachines(inputs: ReleaseInputs, left: readonly Host[], run: Run): Promise<readonly Host[]> {
  if (left.length === 0) return left;
  const wanted = await Promise.allSettled([...targetsOf(inputs, run).values()].map((host) => host.machine()));
  const known = new Set(wanted.flatMap((asked) => (asked.status === "fulfilled" ? [asked.value] : [])));
  const others = await Promise.all(left.map(async (host) => (known.has(await host.machine()) ? [] : [host])));
  return others.flat();
}

/** Under two names of one machine, each would remove what the other one started. */
export async function requireDifferentMachines(hosts: readonly Host[]): Promise<void> {
  if (hosts.length < 2) return;
  const known = await Promise.all(hosts.map(async (host) => ({ host, machine: await host.machine() })));
  for (const [, same] of Map.groupBy(known, ({ machine }) => machine)) {
    const [first, second] = same;
    if (first !== undefined && second !== undefined) throw sameMachine(first.host, second.host);
  }
}

const placeOf = ({ name, address: { address, port } }: Host): string => `${name}: ${address}, port ${port}`;

const sameMachine = (first: Host, second: Host): SlipwayError =>
  new SlipwayError({
    code: "CONFIG_INVALID",
    what: `${first.name} and ${second.name} are the same machine`,
    host: first.name,
    evidence: [placeOf(first), placeOf(second)],
    servesNow: NOTHING_TOUCHED,
    next: "name each machine once in slipway:servers",
  });
