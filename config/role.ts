import { z } from "zod";
import type { RouteSpec } from "../core/route.ts";
import type { HostName, RoleName, Seconds } from "../core/words.ts";
import { splitCommand } from "./command.ts";
import { type Env, EnvSection, mergeEnv, resolveEnv } from "./env.ts";
import { type HostBook, HostList, HostsSection } from "./host.ts";
import { type Labels, LabelsSection, resolveLabels } from "./label.ts";
import { type Logging, LoggingSection, resolveLogging } from "./logging.ts";
import { isName, NAME_RULE, quoted } from "./name.ts";
import { type ContainerOptions, OptionsSection, resolveOptions } from "./options.ts";
import type { Place } from "./problem.ts";
import { type ProxySection, RoleProxy, RoleProxySection, resolveProxy } from "./proxy.ts";
import type { Secrets } from "./secret.ts";
import { field, later, section } from "./section.ts";
import type { Volume } from "./volume.ts";

/** A named group of hosts that run one command of the app's image. */
export interface Role {
  readonly name: RoleName;
  /** The role that others wait for, and that is proxied unless it says otherwise. */
  readonly primary: boolean;
  readonly hosts: readonly HostName[];
  /** Arguments; undefined is the image's own command. */
  readonly command: readonly string[] | undefined;
  readonly env: Env;
  readonly labels: Labels;
  readonly options: ContainerOptions;
  readonly volumes: readonly Volume[];
  readonly logging: Logging;
  /** undefined: no requests reach it through the proxy. */
  readonly proxy: RouteSpec | undefined;
  readonly stopTimeout: Seconds;
}

const RoleSection = section(
  {
    hosts: field(HostsSection, {
      is: "Where it runs: addresses as a list, or a map of names to addresses.",
      refused: "missing or empty",
      example: { "web-1": "203.0.113.10", "web-2": { address: "203.0.113.11", port: 2222 } },
    }),
    cmd: field(z.union([z.string(), z.array(z.string()).min(1)]), {
      is: "The command instead of the image's. No shell runs it: `sh -c '…'` if you need one.",
      otherwise: "the image's",
      refused: "unquoted shell operators",
      example: "bin/jobs --queues default",
    }),
    env: field(EnvSection, {
      is: "Environment over slipway:env, with the same keys.",
      example: { clear: { QUEUES: "default" } },
    }),
    options: field(OptionsSection, { is: "Limits and rights of its containers.", example: { memory: "512m", cpus: 1 } }),
    labels: field(LabelsSection, {
      is: "Labels over slipway:labels.",
      refused: "service, role, destination, slipway.*",
      example: { team: "checkout" },
    }),
    logging: field(LoggingSection, {
      is: "Logging over slipway:logging, with the same keys.",
      example: { options: { "max-size": "100m" } },
    }),
    proxy: field(z.union([z.boolean(), RoleProxySection]), {
      is: "Whether the proxy routes to it; a map is laid over slipway:proxy, with the same keys but run.",
      otherwise: "true for the primary role, false for others",
      example: { host: "admin.example.com" },
    }),
    stop_timeout: field(z.int().min(0), {
      is: "Seconds between SIGTERM and SIGKILL.",
      otherwise: "slipway:stop_timeout",
      example: 60,
    }),
  },
  later("asset_path", "image", "network", "volumes"),
);
type RoleInput = z.infer<typeof RoleSection>;

export const ServersSection = z.union([HostList, z.record(z.string(), z.union([HostList, RoleSection]))]);
export type ServersInput = z.infer<typeof ServersSection>;

/** What the root of the config gives to every role. undefined: it could not be read, so nothing that depends on it is judged. */
export interface RootOfRoles {
  readonly primaryRole: RoleName;
  readonly env: Env;
  readonly labels: Labels;
  readonly volumes: readonly Volume[];
  readonly logging: z.infer<typeof LoggingSection> | undefined;
  readonly proxy: z.infer<typeof ProxySection> | undefined;
  readonly stopTimeout: Seconds | undefined;
  readonly drainTimeout: Seconds;
  readonly secrets: Secrets | undefined;
}

/** Docker's own patience, as Kamal leaves it for proxied containers: their requests have drained before. */
const DOCKER_STOP: Seconds = 10;

export function resolveRoles(input: ServersInput, root: RootOfRoles, hosts: HostBook, place: Place): Role[] {
  const entries = entriesOf(input, place);
  for (const { role, hostsPlace } of entries) hosts.addNamed(role.hosts ?? [], hostsPlace);
  if (!entries.some(({ name }) => name === root.primaryRole)) {
    const names = entries.map(({ name }) => name).join(", ");
    place.refuse(
      `the primary role ${root.primaryRole} is not defined; there is ${names || "none"}: add it, or set slipway:primary_role`,
    );
  }
  return entries.map((entry) => resolveRole(entry, root, hosts)).sort(primaryFirst);
}

interface Entry {
  readonly name: RoleName;
  readonly role: RoleInput;
  readonly place: Place;
  readonly hostsPlace: Place;
}

function entriesOf(input: ServersInput, place: Place): Entry[] {
  if (Array.isArray(input)) return [{ name: "web", role: { hosts: input }, place: place.at("web"), hostsPlace: place }];
  return Object.entries(input).map(([name, role]) => {
    const here = place.at(name);
    return Array.isArray(role)
      ? { name, role: { hosts: role }, place: here, hostsPlace: here }
      : { name, role, place: here, hostsPlace: here.at("hosts") };
  });
}

function resolveRole({ name, role, place, hostsPlace }: Entry, root: RootOfRoles, hosts: HostBook): Role {
  if (!isName(name)) place.refuse(`${quoted(name)} cannot name a role: ${NAME_RULE}`);
  const names = hosts.listed(role.hosts ?? [], hostsPlace);
  if (names.length === 0) hostsPlace.refuse(`no hosts for the role ${name}`);
  const primary = name === root.primaryRole;
  const proxied = role.proxy ?? primary;
  const own = resolveEnv(role.env, root.secrets, place.at("env"));
  return {
    name,
    primary,
    hosts: names,
    command: typeof role.cmd === "string" ? splitCommand(role.cmd, place.at("cmd")) : role.cmd,
    env: mergeEnv(root.env, own),
    labels: { ...root.labels, ...resolveLabels(role.labels, place.at("labels")) },
    options: resolveOptions(role.options, place.at("options")),
    volumes: root.volumes,
    logging: resolveLogging(root.logging, role.logging),
    proxy: proxied === false || root.proxy === undefined ? undefined : route(proxied, root.proxy, names.length, place),
    stopTimeout: role.stop_timeout ?? root.stopTimeout ?? (proxied === false ? root.drainTimeout : DOCKER_STOP),
  };
}

function route(
  own: true | z.infer<typeof RoleProxySection>,
  root: z.infer<typeof ProxySection>,
  machines: number,
  place: Place,
): RouteSpec {
  const { run: _, ...shared } = root;
  return resolveProxy(new RoleProxy(shared, own === true ? {} : own, place.elsewhere("proxy"), place.at("proxy")), machines);
}

const primaryFirst = (a: Role, b: Role): number => Number(b.primary) - Number(a.primary) || (a.name < b.name ? -1 : 1);

/** Two roles on one host cannot both be asked for the same name and path: the proxy would refuse the second, in the middle of a release. */
export function refuseClashes(roles: readonly Role[], place: Place): void {
  const proxied = roles.flatMap(({ name, hosts, proxy }) => (proxy ? [{ name, hosts, proxy }] : []));
  proxied.forEach((role, at) => {
    for (const other of proxied.slice(0, at)) {
      const host = role.hosts.find((name) => other.hosts.includes(name));
      if (host === undefined) continue;
      const clash = sharedRoute(role.proxy, other.proxy);
      if (clash !== undefined)
        place
          .at(role.name, "proxy")
          .refuse(`${clash} on ${host} already leads to the role ${other.name}: give it another host or path_prefix`);
    }
  });
}

function sharedRoute(a: RouteSpec, b: RouteSpec): string | undefined {
  const names = (spec: RouteSpec) => (spec.hosts.length === 0 ? ["every host name"] : spec.hosts);
  const host = names(a).find((name) => names(b).includes(name));
  const path = a.pathPrefixes.find((prefix) => b.pathPrefixes.includes(prefix));
  return host === undefined || path === undefined ? undefined : path === "/" ? host : `${host}${path}`;
}
