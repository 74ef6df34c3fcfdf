import { reasonOf } from "../../core/error.ts";
import type { RouteOptions } from "../../core/route.ts";
import type { HostName, RoleName } from "../../core/words.ts";
import { type Container, type ContainerSummary, type Host, type Hosts, KamalProxy, type Route } from "../../hosts/index.ts";
import { BILLION, updatable } from "./container.ts";
import type { Fleet, Found, FoundHost } from "./fleet.ts";
import { containerName, type Place, places, prefixOf, type ReleaseInputs, type RoleSpec } from "./inputs.ts";

/**
 * What runs and serves of this app, on the hosts given. A host that cannot be reached is a finding, not a failure: one dead host
 * must not hide the state of the others.
 */
export async function observeFleet(inputs: ReleaseInputs, hosts: Hosts): Promise<Fleet> {
  const found = Object.values(inputs.hosts).map(async (address): Promise<[HostName, FoundHost]> => {
    try {
      return [address.name, await observeHost(inputs, hosts.at(address))];
    } catch (thrown) {
      return [address.name, { reach: "unreachable", reason: reasonOf(thrown, address.name) }];
    }
  });
  return Object.fromEntries(await Promise.all(found));
}

/** One host: Docker is asked what runs, the proxy what serves. */
export async function observeHost(inputs: ReleaseInputs, host: Host): Promise<FoundHost> {
  const wanted = places(inputs).filter((place) => place.host === host.name);
  const [listed, inspected, proxy] = await Promise.all([
    host.docker.containers({ service: inputs.service }),
    Promise.all(wanted.map((place) => inspectWanted(inputs, place, host))),
    new KamalProxy(host).observe(),
  ]);
  const own = listed.filter(
    ({ labels }) => (labels.destination ?? "") === (inputs.destination ?? "") && labels.role !== undefined,
  );
  const details = new Map(inspected.flatMap((detail) => (detail === undefined ? [] : [[detail.container.id, detail] as const])));
  const containers = own.map((summary) => foundOf(summary, details.get(summary.id)));
  const roles = new Set([...Object.keys(inputs.roles), ...containers.map(({ role }) => role)]);
  return {
    reach: "reached",
    containers: containers.sort((a, b) => (a.name < b.name ? -1 : 1)),
    routes: [...roles].sort().flatMap((role) => {
      const route = proxy.routes.find(({ service }) => service === prefixOf(inputs, role));
      return route === undefined ? [] : [{ role, targets: [...route.targets], options: route.options }];
    }),
    proxy: proxy.container,
    clashes: wanted.flatMap((place) => clashesOf(inputs, place, proxy.routes)),
  };
}

/** Where kamal-proxy would refuse our route, since another service answers there. It would say so only when all candidates are up. */
function clashesOf(
  inputs: ReleaseInputs,
  { role, spec }: Place,
  routes: readonly Route[],
): { role: string; service: string; at: string }[] {
  if (spec.proxy === undefined) return [];
  const own = addressesOf(spec.proxy);
  const others = routes.filter(({ service }) => service !== prefixOf(inputs, role));
  return others.flatMap(({ service, options }) => {
    const at = addressesOf(options).find((address) => own.includes(address));
    return at === undefined ? [] : [{ role, service, at }];
  });
}

const addressesOf = ({ hosts, pathPrefixes }: Pick<RouteOptions, "hosts" | "pathPrefixes">): string[] =>
  (hosts.length === 0 ? ["*"] : hosts).flatMap((host) =>
    (pathPrefixes.length === 0 ? ["/"] : pathPrefixes).map((path) => host + path),
  );

interface Detail {
  readonly container: Container;
  readonly spec: RoleSpec;
}

async function inspectWanted(inputs: ReleaseInputs, { role, release, spec }: Place, host: Host): Promise<Detail | undefined> {
  const container = await host.docker.inspect(containerName(inputs, role, release));
  return container && { container: await withoutVoidLimits(container, spec, host), spec };
}

/** A limit that the host could not exceed anyway is none; it is how Docker has to be told to take one away. */
async function withoutVoidLimits(container: Container, { options }: RoleSpec, host: Host): Promise<Container> {
  const wanted = updatable(options);
  const { memoryLimit, nanoCpus } = container;
  if ((wanted.memory > 0 || memoryLimit === 0) && (wanted.nanoCpus > 0 || nanoCpus === 0)) return container;
  const { memory, cpus } = await host.docker.info();
  return {
    ...container,
    memoryLimit: wanted.memory === 0 && memoryLimit >= memory ? 0 : memoryLimit,
    nanoCpus: wanted.nanoCpus === 0 && nanoCpus >= cpus * BILLION ? 0 : nanoCpus,
  };
}

function foundOf({ id, name, labels, state, imageId, created }: ContainerSummary, detail: Detail | undefined): Found {
  const release = labels["slipway.release"];
  return {
    id,
    name,
    role: roleOf(labels),
    ...(release === undefined ? {} : { release }),
    running: state === "running",
    status: statusOf(state, detail?.container),
    edited: detail !== undefined && state === "running" ? editsOf(detail.container, detail.spec) : [],
    image: imageId,
    created,
  };
}

const roleOf = (labels: Readonly<Record<string, string>>): RoleName => labels.role ?? "";

function statusOf(state: ContainerSummary["state"], container: Container | undefined): string {
  if (state !== "exited" || container === undefined) return state;
  if (container.state.oomKilled) return "killed for memory";
  return `stopped with code ${container.state.exitCode}`;
}

/** What `docker update` can change under us; the rest of a container is fixed when it is made. */
export function editsOf({ restartPolicy, memoryLimit, nanoCpus }: Container, { options }: RoleSpec): string[] {
  const wanted = updatable(options);
  const edits: string[] = [];
  if (restartPolicy.name !== wanted.restart.name) edits.push(`restart ${restartPolicy.name}, not ${wanted.restart.name}`);
  if (memoryLimit !== wanted.memory) edits.push(`memory ${memoryLimit}, not ${wanted.memory}`);
  if (nanoCpus !== wanted.nanoCpus) edits.push(`cpus ${nanoCpus / BILLION}, not ${options.cpus ?? "unlimited"}`);
  return edits;
}
