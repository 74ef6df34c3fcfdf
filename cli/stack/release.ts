/** Releases for the commands: what the state declares and what is on the hosts. */
import { z } from "zod";
import { prefixOf } from "../../core/names.ts";
import { isOfApp } from "../../core/owner.ts";
import type { ContainerName, HostName, ReleaseId, RoleName } from "../../core/words.ts";
import { Address, type Host, type Hosts } from "../../hosts/index.ts";
import { describePlan } from "../../providers/release/describe.ts";
import type { FoundHost } from "../../providers/release/fleet.ts";
import { ReleaseInputs, rolesOf } from "../../providers/release/inputs.ts";
import { containersOf, isRouted, liveOf, routeOf } from "../../providers/release/live.ts";
import { observeFleet, observeHost } from "../../providers/release/observe.ts";
import { type Place, places } from "../../providers/release/places.ts";
import { isEmpty, type Plan, planRelease } from "../../providers/release/plan.ts";
import { whatServes } from "../../providers/release/what-serves.ts";

export type { FoundHost } from "../../providers/release/fleet.ts";
export type { Place as Wanted } from "../../providers/release/places.ts";

/** A release as the state declares it, without the values of secrets. */
export const Declared = ReleaseInputs.extend({
  // Optional: without it, a key that the state lacks is refused before it is transformed.
  registry: z
    .unknown()
    .optional()
    .transform(() => undefined),
  secrets: z
    .unknown()
    .optional()
    .transform((): Record<string, string> => ({})),
  hosts: z.record(z.string(), Address),
});
export type Declared = z.infer<typeof Declared>;

/** A container of the app that is live: it serves requests or works. */
export interface LiveContainer {
  readonly host: HostName;
  readonly role: RoleName;
  readonly id: string;
  readonly name: ContainerName;
  /** Its release; for a container that Kamal started, the container's name. */
  readonly release: ReleaseId;
  readonly replica: number;
  readonly running: boolean;
  /** Whether it runs the canary's version. */
  readonly canary: boolean;
}

/** The live containers on a host. Rejects if the host is unreachable. */
export async function findLive(inputs: Declared, host: Host): Promise<LiveContainer[]> {
  return liveOn(inputs, host.name, await observeHost(inputs, host));
}

/** Every container of the app on a host, whatever its release, running or not: one call. */
export async function findAll(inputs: Declared, host: Host): Promise<LiveContainer[]> {
  const listed = await host.docker.containers({ service: inputs.service, role: undefined });
  const own = listed.filter(({ labels }) => isOfApp(inputs, labels));
  return own.map(({ id, name, state, labels }) => {
    const [role, release] = [labels.role ?? "", labels["slipway.release"] ?? name];
    const replica = Number(labels["slipway.replica"] ?? 1);
    return known(inputs, host.name, { id, name, role, release, replica, running: state === "running" });
  });
}

/** Whether a container belongs to a release that is given by its own id, by the id of the fleet's release, or by its version. */
export function isOf(release: string, inputs: Declared, container: LiveContainer): boolean {
  if (container.release === release || container.release.replace(/-[0-9a-f]{8}$/, "") === release) return true;
  return release === inputs.release && places(inputs).some((place) => place.container === container.name);
}

/** The live containers on a host: the proxy's targets, canary included; for a role without a proxy, those that are running. */
export function liveOn(inputs: Declared, host: HostName, found: FoundHost): LiveContainer[] {
  return Object.entries(inputs.roles).flatMap(([role, { proxy }]) => {
    const route = routeOf(found, role);
    const live = new Set(liveOf(found, role, proxy !== undefined).map(({ id }) => id));
    return containersOf(found, role)
      .filter((container) => live.has(container.id) || (route !== undefined && isRouted(route, container)))
      .map((container) => known(inputs, host, container));
  });
}

type Container = Omit<LiveContainer, "host" | "release" | "canary"> & { readonly release?: ReleaseId | undefined };

function known({ canary }: Declared, host: HostName, container: Container): LiveContainer {
  const { id, name, role, release = name, replica, running } = container;
  return { host, role, id, name, release, replica, running, canary: canary?.containers[`${host}/${role}`] === release };
}

/** The role that a command uses by default: the first with a proxy, else the first. */
export function primaryRole({ roles }: Declared): RoleName | undefined {
  const names = Object.keys(roles);
  return names.find((role) => roles[role]?.proxy !== undefined) ?? names[0];
}

/** `shop-web-production`: the prefix of all names of a role on a host. */
export const nameOf = prefixOf;

/** What was found on all hosts, compared with what was declared. */
export interface Survey {
  readonly fleet: Readonly<Record<HostName, FoundHost>>;
  readonly plan: Plan;
  readonly wanted: readonly Place[];
  /** `1.4.1-77aa01ef on web-1, web-2`, as in errors. */
  readonly serves: string;
  /** Nothing to do, and nothing unknown. */
  readonly asDeclared: boolean;
}

/** Reads every host; changes nothing and takes no lease. */
export async function survey(inputs: Declared, hosts: Hosts): Promise<Survey> {
  const fleet = await observeFleet(inputs, hosts);
  const plan = planRelease(inputs, fleet);
  return { fleet, plan, wanted: places(inputs), serves: whatServes(fleet, rolesOf(inputs)), asDeclared: isEmpty(plan) };
}

/** What a preview would show for one host: what was found and what an update would do; `undefined` if it would do nothing. */
export function wordsFor(host: HostName, inputs: Declared, { plan, fleet }: Survey): string | undefined {
  // One host at a time: two hosts with which the same happens have one line.
  const own = <T extends { readonly host: HostName }>(items: readonly T[]) => items.filter((item) => item.host === host);
  const alone = { ...plan, operations: own(plan.operations), unreachable: own(plan.unreachable), clashes: own(plan.clashes) };
  const line = describePlan(alone, inputs, { inputs, fleet })
    .split("\n")
    .find((text) => text.startsWith(`  ${host} `));
  return line?.slice(host.length + 2).trim();
}

export { routeOf };
