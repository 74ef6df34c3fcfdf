import type { Config, Role } from "../../config/index.ts";
import { parseReference, pinned } from "../../core/image-reference.ts";
import type { RouteSpec } from "../../core/route.ts";
import type { HostName, ReleaseId, RoleName, Slot } from "../../core/words.ts";
import type { Canary, HostPart, ReleaseInputs, RoleSpec } from "../../providers/release/inputs.ts";
import { fleetHash, releaseId, specHash } from "../../providers/release/spec.ts";
import { declareEnv } from "./env.ts";

/** What the tags of a run mean. */
export interface Digests {
  readonly image: string;
  readonly canary: string | undefined;
}

type Images = Pick<ReleaseInputs, "version" | "image" | "release" | "containers" | "canary">;
type App = Omit<ReleaseInputs, keyof Images | "schema" | "stack" | "hosts" | "registry">;

/** The parts of a release that the config alone decides. Asked again for the same config, it is the same: fingerprints take time. */
export function declareApp(config: Config): App {
  const known = declared.get(config) ?? declareAnew(config);
  declared.set(config, known);
  return known;
}

const declared = new WeakMap<Config, App>();

function declareAnew(config: Config): App {
  const releaseCommand = describeReleaseCommand(config);
  return {
    service: config.service,
    ...(config.destination === undefined ? {} : { destination: config.destination }),
    made: config.hosts.flatMap(({ name, madeAt }) => (madeAt === undefined ? [] : [name])),
    routes: describeRoutes(config),
    roles: describeRoles(config),
    secrets: { ...config.secrets },
    deployTimeout: config.deployTimeout,
    drainTimeout: config.drainTimeout,
    retainContainers: config.retainContainers,
    ...(releaseCommand === undefined ? {} : { releaseCommand }),
    boot: { ...config.boot },
    watch: config.watch,
    ...(config.maintenance === undefined ? {} : { maintenance: { ...config.maintenance } }),
    proxyFiles: structuredClone(config.proxyFiles) as ReleaseInputs["proxyFiles"],
  };
}

/** The parts of a release that follow from the digests. */
export function declareImages(config: Config, roles: Record<RoleName, RoleSpec>, { image, canary }: Digests): Images {
  const own = declareOne(config.image, config.version, roles, image);
  if (config.canary === undefined || canary === undefined) return own;
  const tried = declareOne(config.canary.image, config.canary.version, roles, canary);
  const proxied = new Set(
    Object.entries(roles).flatMap(([role, { proxy, hosts }]) =>
      proxy === undefined ? [] : hosts.map((host) => `${host}/${role}`),
    ),
  );
  const containers = Object.fromEntries(Object.entries(tried.containers).filter(([slot]) => proxied.has(slot)));
  return { ...own, canary: { ...tried, containers, share: structuredClone(config.canary.share) as Canary["share"] } };
}

function declareOne(written: string, named: string | undefined, roles: Record<RoleName, RoleSpec>, digest: string) {
  const reference = parseReference(written);
  const version = named ?? reference.tag ?? digest.slice("sha256:".length, "sha256:".length + 12);
  const image = pinned(reference, digest);
  const slots = Object.entries(roles).flatMap(([role, spec]) =>
    spec.hosts.map((host): [Slot, string] => [`${host}/${role}`, specHash(image, version, { ...spec, ...spec.on[host] })]),
  );
  return {
    version,
    image,
    release: releaseId(version, fleetHash(slots.map(([, hash]) => hash))),
    containers: Object.fromEntries(slots.map(([slot, hash]): [Slot, ReleaseId] => [slot, releaseId(version, hash)])),
  };
}

function describeRoles(config: Config): Record<RoleName, RoleSpec> {
  return Object.fromEntries(config.roles.map((role) => [role.name, describeRole(config, role)]));
}

function describeRole(config: Config, role: Role): RoleSpec {
  return {
    hosts: [...role.hosts],
    replicas: role.replicas,
    strategy: role.strategy,
    ready: role.ready,
    ...(role.assets === undefined ? {} : { assets: { ...role.assets } }),
    ...(role.command === undefined ? {} : { command: role.command }),
    ...declareEnv(config, role.env),
    labels: role.labels,
    options: role.options,
    mounts: role.mounts,
    logging: role.logging,
    stopTimeout: role.stopTimeout,
    ...(role.proxy === undefined ? {} : { proxy: role.proxy }),
    on: Object.fromEntries(Object.entries(role.on).map(([host, part]) => [host, describeHostPart(config, part)])),
  };
}

const describeHostPart = (config: Config, { env, proxy }: Role["on"][HostName]): HostPart => ({
  ...declareEnv(config, env),
  ...(proxy === undefined ? {} : { proxy }),
});

/** On the first host of the primary role, in its image and environment. */
function describeReleaseCommand({ releaseCommand, roles }: Config): ReleaseInputs["releaseCommand"] {
  const primary = roles.find((role) => role.primary);
  const [host] = primary?.hosts ?? [];
  if (releaseCommand === undefined || primary === undefined || host === undefined) return undefined;
  return {
    host,
    role: primary.name,
    commands: releaseCommand.commands.map((command) => [...command]),
    timeout: releaseCommand.timeout,
  };
}

function describeRoutes(config: Config): Record<Slot, string> {
  const routes = config.roles.flatMap(({ name, hosts, proxy, on }) =>
    proxy === undefined ? [] : hosts.map((host): [Slot, string] => [`${host}/${name}`, describeRoute(on[host]?.proxy ?? proxy)]),
  );
  return Object.fromEntries(routes);
}

/** `https://shop.example → port 3000` */
export function describeRoute(route: RouteSpec): string {
  return `${urlsOf(route).join(", ")} → port ${route.appPort}`;
}

export function urlsOf({ hosts, tls, pathPrefixes }: RouteSpec): string[] {
  const scheme = tls.kind === "off" ? "http" : "https";
  const names = hosts.length === 0 ? ["*"] : hosts;
  return names.flatMap((name) => pathPrefixes.map((prefix) => `${scheme}://${name}${prefix === "/" ? "" : prefix}`));
}
