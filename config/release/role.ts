import type { z } from "zod";
import type { Logging } from "../../core/container/logging.ts";
import type { Mount } from "../../core/container/mount.ts";
import type { ContainerOptions } from "../../core/container/options.ts";
import type { Readiness } from "../../core/container/readiness.ts";
import { isTag } from "../../core/image-reference.ts";
import type { Assets, Strategy } from "../../core/release/role.ts";
import type { RouteSpec } from "../../core/route.ts";
import type { HostName, RoleName, Seconds } from "../../core/words.ts";
import { resolveCommand } from "../container/command.ts";
import { TAG_RULE } from "../container/image.ts";
import { type Labels, resolveLabels } from "../container/label.ts";
import { type LoggingSection, resolveLogging } from "../container/logging.ts";
import { addMounts, refuseCovered } from "../container/mount.ts";
import { resolveOptions } from "../container/options.ts";
import { resolveReadiness, resolveRouteReadiness } from "../container/readiness.ts";
import { type Env, mergeEnv, resolveRoleEnv } from "../env/env.ts";
import { type HetznerInput, type HetznerRole, type HetznerServers, resolveHetznerServers } from "../hosts/hetzner.ts";
import type { BalancedRoute } from "../hosts/hetzner-balancer.ts";
import { resolveBalancer } from "../hosts/hetzner-balancer.ts";
import type { HostBook, Listed } from "../hosts/host-book.ts";
import type { HostsInput } from "../hosts/host-section.ts";
import type { ProxySection, RoleProxySection } from "../proxy/proxy.ts";
import type { Layer, RouteContext } from "../proxy/route.ts";
import { isName, NAME_RULE, quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { refuseHiddenAssets, resolveAssets } from "./assets.ts";
import { type HostPart, type Routes, refuseRoutes, resolveHostParts, resolveRoutes } from "./host-part.ts";
import { type AppSource, type ImageSource, resolveOwnSource } from "./image-source.ts";
import type { RoleInput, ServersInput } from "./role-section.ts";

/** An image that a role runs instead of the app's. */
export interface OwnImage extends ImageSource {
  /** undefined: that of what it runs. */
  readonly version: string | undefined;
}

/** A named group of hosts that run one command of the app's image, or an image of their own. */
export interface Role {
  readonly name: RoleName;
  /** The role that others wait for, and that is proxied by default. */
  readonly primary: boolean;
  readonly hosts: readonly HostName[];
  /** What differs on single hosts. */
  readonly on: Readonly<Record<HostName, HostPart>>;
  /** Containers on each host. */
  readonly replicas: number;
  readonly strategy: Strategy;
  readonly ready: Readiness;
  /** undefined: it runs the app's image. */
  readonly own: OwnImage | undefined;
  /** Arguments; undefined: the image's own command. */
  readonly command: string[] | undefined;
  readonly env: Env;
  readonly labels: Labels;
  readonly options: ContainerOptions;
  readonly mounts: Mount[];
  readonly assets: Assets | undefined;
  readonly logging: Logging;
  /** undefined: not proxied. */
  readonly proxy: RouteSpec | undefined;
  readonly stopTimeout: Seconds;
  /** Between the end of the release and the stop signal of what it replaced. */
  readonly stopDelay: Seconds;
  /** Its servers at Hetzner; undefined: its hosts exist already. */
  readonly hetzner: HetznerRole | undefined;
  /** Commands that are run on each of its hosts before the app is started there. */
  readonly setup: readonly string[];
}

/** What every role gets from the root. undefined: it could not be read, so nothing that depends on it is checked. */
export interface RootOfRoles extends RouteContext {
  readonly app: AppSource;
  readonly primaryRole: RoleName;
  readonly allowEmpty: boolean;
  readonly env: Env;
  /** Tag → what it adds to the environment. */
  readonly tags: Readonly<Record<string, Env>> | undefined;
  readonly labels: Labels;
  readonly mounts: readonly Mount[];
  readonly assetPath: string | undefined;
  readonly logging: z.infer<typeof LoggingSection> | undefined;
  readonly proxy: z.infer<typeof ProxySection> | undefined;
  readonly readinessDelay: Seconds;
  readonly stopTimeout: Seconds | undefined;
  readonly drainTimeout: Seconds;
  /** Hosts that are defined elsewhere; a role may name them. */
  readonly described: readonly { readonly input: HostsInput; readonly place: ConfigPath }[];
  /** Defaults of roles with servers at Hetzner; undefined: it could not be read. */
  readonly hetzner: HetznerInput | undefined;
}

/** Docker's default, which Kamal uses for proxied containers: their requests have drained before. */
const DOCKER_STOP: Seconds = 10;

export function resolveRoles(input: ServersInput, root: RootOfRoles, hosts: HostBook, place: ConfigPath): Role[] {
  const entries = entriesOf(input, place).map((entry) => ({ ...entry, made: makeHosts(entry, root, hosts) }));
  for (const { role, hostsPlace } of entries) hosts.addNamed(role.hosts ?? [], hostsPlace);
  for (const { input: named, place: there } of root.described) hosts.addNamed(named, there);
  if (!entries.some(({ name }) => name === root.primaryRole)) {
    const names = entries.map(({ name }) => name).join(", ");
    place.refuse(
      `the primary role ${root.primaryRole} is not defined; available: ${names || "none"}. Add it, or set slipway:primary_role`,
    );
  }
  // A role without hosts is checked like the others, but has nothing to release.
  return entries
    .map((entry) => resolveRole(entry, root, hosts))
    .filter((role) => role.hosts.length > 0)
    .sort(primaryFirst);
}

interface Entry {
  readonly name: RoleName;
  readonly role: RoleInput;
  readonly place: ConfigPath;
  readonly hostsPlace: ConfigPath;
}

function entriesOf(input: ServersInput, place: ConfigPath): Entry[] {
  if (Array.isArray(input)) return [{ name: "web", role: { hosts: input }, place: place.at("web"), hostsPlace: place }];
  return Object.entries(input).map(([name, role]) => {
    const here = place.at(name);
    return Array.isArray(role)
      ? { name, role: { hosts: role }, place: here, hostsPlace: here }
      : { name, role, place: here, hostsPlace: here.at("hosts") };
  });
}

/** A role's servers at Hetzner, and their names in the config. */
interface Made {
  readonly hetzner: HetznerServers | undefined;
  readonly listed: readonly Listed[];
}

function makeHosts({ name, role, place }: Entry, root: RootOfRoles, hosts: HostBook): Made {
  if (role.hetzner === undefined || root.hetzner === undefined) return { hetzner: undefined, listed: [] };
  const here = place.at("hetzner");
  if (role.hosts !== undefined) here.refuse("not allowed together with hosts: use one of the two, or another role");
  const hetzner = resolveHetznerServers(role.hetzner, root.hetzner, here);
  return { hetzner, listed: hosts.addMade(name, hetzner, here) };
}

function resolveRole({ name, role, place, hostsPlace, made }: Entry & { made: Made }, root: RootOfRoles, hosts: HostBook): Role {
  if (!isName(name)) place.refuse(`${quoted(name)} is not a valid name of a role: ${NAME_RULE}`);
  const primary = name === root.primaryRole;
  const listed = role.hetzner === undefined ? hosts.listed(role.hosts ?? [], hostsPlace) : made.listed;
  if (listed.length === 0 && role.hetzner === undefined) refuseEmpty(name, primary, root.allowEmpty, hostsPlace);
  const proxied = role.proxy ?? primary;
  const routes = proxied === false ? refuseRoutes(name, listed) : routesOf(proxied, listed, root, place);
  const env = mergeEnv(root.env, resolveRoleEnv(role.env, root.secrets, place.at("env")));
  const options = resolveOptions(role.options, place.at("options"), { withoutHost: hostNetworkFault(role, proxied !== false) });
  const strategy = resolveStrategy(role.strategy, options, place.at("strategy"));
  const mounts = addMounts(root.mounts, role.volumes, place.at("volumes"));
  refuseCovered(
    options.tmpfs,
    mounts.map(({ target }) => target),
    place.at("options", "tmpfs"),
  );
  return {
    name,
    primary,
    hosts: listed.map((host) => host.name),
    on: resolveHostParts(listed, env, root.tags, routes),
    own: resolveOwn(role, name, root.app, place),
    replicas: resolveReplicas(role.replicas, options, place.at("replicas")),
    strategy,
    ready: proxied === false ? resolveReadiness(role, root.readinessDelay, place) : resolveRouteReadiness(role, place),
    command: resolveCommand(role.cmd, place.at("cmd")),
    env,
    labels: { ...root.labels, ...resolveLabels(role.labels, place.at("labels")) },
    options,
    mounts,
    assets: proxied === false ? refuseAssets(role, place) : assetsOf(role, mounts, options, root, place),
    logging: resolveLogging(
      { input: root.logging, place: place.elsewhere("logging") },
      { input: role.logging, place: place.at("logging") },
    ),
    proxy: routes?.shared,
    stopTimeout: role.stop_timeout ?? root.stopTimeout ?? (proxied === false ? root.drainTimeout : DOCKER_STOP),
    stopDelay: resolveStopDelay(role, strategy, place.at("stop_delay")),
    hetzner: made.hetzner && { ...made.hetzner, balancer: balancerOf(role, routes?.shared, place) },
    setup: [role.setup ?? []].flat(),
  };
}

function resolveOwn(role: RoleInput, name: RoleName, app: AppSource, place: ConfigPath): OwnImage | undefined {
  const { version } = role;
  const own = resolveOwnSource(role, name, app, place);
  const here = place.at("version");
  if (version !== undefined && own === undefined) here.refuse("needs image or builder: without them the role runs slipway:image");
  else if (version !== undefined && !isTag(version))
    here.refuse(`${quoted(version)} is not a valid name of a release: ${TAG_RULE}`);
  return own && { ...own, version };
}

function balancerOf(role: RoleInput, route: RouteSpec | undefined, place: ConfigPath): HetznerRole["balancer"] {
  const behind: BalancedRoute | undefined = route && { hosts: route.hosts, ssl: route.tls.kind !== "off" };
  return resolveBalancer(role.hetzner?.load_balancer, behind, place.at("hetzner", "load_balancer"));
}

function refuseEmpty(name: RoleName, primary: boolean, allowed: boolean, place: ConfigPath): void {
  if (primary) place.refuse(`the role ${name} has no hosts`);
  else if (!allowed) place.refuse(`the role ${name} has no hosts; to allow this, set slipway:allow_empty_roles: true`);
}

function routesOf(
  own: true | z.infer<typeof RoleProxySection>,
  listed: readonly Listed[],
  root: RootOfRoles,
  place: ConfigPath,
): Routes | undefined {
  if (root.proxy === undefined) return undefined;
  const { run: _, ...shared } = root.proxy;
  const layers: [Layer, Layer] = [
    { input: shared, place: place.elsewhere("proxy") },
    { input: own === true ? {} : own, place: place.at("proxy") },
  ];
  return resolveRoutes(listed, layers, root);
}

/** What a role has that the network of the host has not. */
function hostNetworkFault({ options, replicas = 1, healthcheck }: RoleInput, isProxied: boolean): string | undefined {
  if (isProxied) return "kamal-proxy reaches a container in the network kamal alone. Set proxy: false, or remove it";
  if (options?.publish !== undefined) return "its ports are those of the host: remove options.publish";
  if (options?.network_alias !== undefined) return "nothing has a name there: remove options.network_alias";
  if (replicas > 1) return "two containers would listen on the same ports: remove replicas";
  return healthcheck !== undefined && healthcheck.cmd === undefined ? HOST_HEALTH : undefined;
}

const HOST_HEALTH = "its ports are not asked there: write healthcheck.cmd, or remove healthcheck";

/** Whether its old and its new container cannot listen at the same time. */
const hasHostPorts = ({ publish = [], hostNetwork }: ContainerOptions): boolean => publish.length > 0 || hostNetwork === true;

function resolveReplicas(replicas = 1, { publish = [] }: ContainerOptions, place: ConfigPath): number {
  if (replicas > 1 && publish.length > 0) place.refuse("must be 1 with options.publish: two containers cannot use the same port");
  return replicas;
}

function resolveStrategy(written: Strategy | undefined, options: ContainerOptions, place: ConfigPath): Strategy {
  const { publish = [] } = options;
  if (written === "start-first" && publish.length > 0)
    place.refuse("must be stop-first with options.publish: the old container uses the ports");
  return written ?? (hasHostPorts(options) ? "stop-first" : "start-first");
}

/** What stops before its successor starts has nothing that could take over meanwhile. */
function resolveStopDelay({ stop_delay = 0 }: RoleInput, strategy: Strategy, place: ConfigPath): Seconds {
  if (stop_delay > 0 && strategy === "stop-first")
    place.refuse("not allowed for a role that is stop-first: nothing serves beside the old container");
  return stop_delay;
}

/** Assets are served to requests: a role that gets none ignores the root's folder. */
function refuseAssets({ asset_path }: RoleInput, place: ConfigPath): undefined {
  if (asset_path !== undefined) place.at("asset_path").refuse("not allowed: the role is not proxied");
}

function assetsOf(
  { asset_path }: RoleInput,
  mounts: readonly Mount[],
  { tmpfs }: ContainerOptions,
  root: RootOfRoles,
  place: ConfigPath,
): Assets | undefined {
  const here = asset_path === undefined ? place.elsewhere("asset_path") : place.at("asset_path");
  const assets = resolveAssets(asset_path ?? root.assetPath, here);
  refuseHiddenAssets(assets, mounts, tmpfs, here);
  return assets;
}

const primaryFirst = (a: Role, b: Role): number => Number(b.primary) - Number(a.primary) || (a.name < b.name ? -1 : 1);
