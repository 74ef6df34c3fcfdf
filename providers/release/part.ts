import type { HostName, RoleName, Slot } from "../../core/words.ts";
import type { Fleet, FoundHost } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";

/** Roles on hosts. */
export type Slots = ReadonlySet<Slot>;

/** The slots of these roles on these hosts. */
export const slotsOn = (
  { roles }: Pick<ReleaseInputs, "roles">,
  chosen: { readonly roles: readonly RoleName[]; readonly hosts: readonly HostName[] },
): Slots =>
  new Set(
    chosen.roles.flatMap((role) =>
      (roles[role]?.hosts ?? []).filter((host) => chosen.hosts.includes(host)).map((host): Slot => `${host}/${role}`),
    ),
  );

/** The part of a release in some slots. No command of it belongs to a slot. */
export function partOf(inputs: ReleaseInputs, slots: Slots): ReleaseInputs {
  const { releaseCommand: _command, canary, ...rest } = inputs;
  const hosts = new Set([...slots].map(hostOf));
  const here = <T>(all: Readonly<Record<string, T>>, isHere: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => isHere(key)));
  const inSlots = (key: string) => slots.has(key as Slot);
  const roles = Object.entries(inputs.roles).flatMap(([role, spec]) => {
    const own = spec.hosts.filter((host) => slots.has(`${host}/${role}`));
    return own.length === 0 ? [] : [[role, { ...spec, hosts: own }] as const];
  });
  const tried = canary && here(canary.containers, inSlots);
  return {
    ...rest,
    hosts: here(inputs.hosts, (host) => hosts.has(host)),
    roles: Object.fromEntries(roles),
    containers: here(inputs.containers, inSlots),
    routes: here(inputs.routes, inSlots),
    ...(canary === undefined || tried === undefined || Object.keys(tried).length === 0
      ? {}
      : { canary: { ...canary, containers: tried } }),
  };
}

/** What was found of that part. What belongs to the whole app is left out, so that no plan for the part removes it. */
export const fleetIn = (fleet: Fleet, slots: Slots): Fleet => {
  const hosts = new Set([...slots].map(hostOf));
  return Object.fromEntries(
    Object.entries(fleet).flatMap(([host, found]) => (hosts.has(host) ? [[host, foundIn(host, found, slots)]] : [])),
  );
};

function foundIn(host: HostName, found: FoundHost, slots: Slots): FoundHost {
  if (found.kind !== "reached") return found;
  const isIn = ({ role }: { readonly role: RoleName }) => slots.has(`${host}/${role}`);
  return {
    ...found,
    containers: found.containers.filter(isIn),
    routes: found.routes.filter(isIn),
    clashes: found.clashes.filter(isIn),
    commands: [],
    helpers: [],
    images: [],
    assets: [],
  };
}

const hostOf = (slot: Slot): HostName => slot.slice(0, slot.lastIndexOf("/"));
