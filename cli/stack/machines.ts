import { z } from "zod";
import type { HostName, RoleName } from "../../core/words.ts";
import { Address } from "../../hosts/index.ts";
import { type Checkpoint, isDynamic } from "./checkpoint.ts";

/** All hosts of a stack, whatever of it is there. */
export interface Machines {
  /** In sorted order. */
  readonly hosts: Readonly<Record<HostName, Address>>;
  /** The hosts of each role of the app. */
  readonly roles: Readonly<Record<RoleName, readonly HostName[]>>;
}

const OnOne = z.object({ host: Address });
const OnSeveral = z.object({
  hosts: z.record(z.string(), Address),
  roles: z.record(z.string(), z.object({ hosts: z.array(z.string()) })).default({}),
});

/** Those that the state names: a server may be there before anything is released on it. Pure. */
export function machinesIn(checkpoint: Checkpoint): Machines {
  const dynamic = checkpoint.resources.filter(isDynamic);
  const one = dynamic.flatMap(({ outputs }) => OnOne.safeParse(outputs).data?.host ?? []);
  const several = dynamic.flatMap(({ outputs }) => OnSeveral.safeParse(outputs).data ?? []);
  const all = [...one, ...several.flatMap(({ hosts }) => Object.values(hosts))];
  const byName = all.sort((a, b) => (a.name < b.name ? -1 : 1)).map((host): [HostName, Address] => [host.name, host]);
  const roles = several.flatMap(({ roles }) => Object.entries(roles));
  return {
    hosts: Object.fromEntries(byName),
    roles: Object.fromEntries(roles.map(([role, { hosts }]) => [role, hosts])),
  };
}
