import { z } from "zod";
import { Environment } from "../../core/container/environment.ts";
import { Logging } from "../../core/container/logging.ts";
import { Mount } from "../../core/container/mount.ts";
import { ContainerOptions } from "../../core/container/options.ts";
import { Readiness } from "../../core/container/readiness.ts";
import { RouteSpec } from "../../core/route.ts";
import type { ContainerName, HostName, ReleaseId, RoleName, Slot } from "../../core/words.ts";
import { Address, type ProxyTimeouts } from "../../hosts/index.ts";

const texts = z.record(z.string(), z.string());

/** What is different for one role on one of its hosts. */
export const HostPart = z.object({
  /** The whole environment there, not an addition. */
  ...Environment.shape,
  /** The whole route there. */
  proxy: RouteSpec.optional(),
});
export type HostPart = z.infer<typeof HostPart>;

/** Everything of one role. What it says of the environment and the route holds on the hosts that `on` does not name. */
export const RoleSpec = z.object({
  hosts: z.array(z.string()),
  /** Containers on each host. */
  replicas: z.number(),
  /** Whether the old container stops after the new one serves, or before the new one starts. */
  strategy: z.enum(["start-first", "stop-first"]),
  ready: Readiness,
  /** A folder of the image that old and new containers must both be able to serve. */
  assets: z.object({ path: z.string(), relabel: z.enum(["z", "Z"]).optional() }).optional(),
  on: z.record(z.string(), HostPart),
  command: z.array(z.string()).optional(),
  ...Environment.shape,
  labels: texts,
  options: ContainerOptions,
  mounts: z.array(Mount),
  logging: Logging,
  /** Seconds between SIGTERM and SIGKILL. */
  stopTimeout: z.number(),
  /** How kamal-proxy serves it; absent for a role that serves no HTTP. */
  proxy: RouteSpec.optional(),
});
export type RoleSpec = z.infer<typeof RoleSpec>;

/** A command that must succeed once before a release may start, in its image and environment. */
export const ReleaseCommand = z.object({
  host: z.string(),
  role: z.string(),
  /** Argument arrays, run one after the other. */
  commands: z.array(z.array(z.string())),
  /** Seconds for each. */
  timeout: z.number(),
});
export type ReleaseCommand = z.infer<typeof ReleaseCommand>;

/** How many hosts go through start, health and switch at once. */
export const Boot = z.object({
  /** Hosts of a wave; 0 is all of them. */
  limit: z.number(),
  /** Seconds between two waves. */
  wait: z.number(),
  /** Whether the roles of a host go together, or one role after the other. */
  parallelRoles: z.boolean(),
});
export type Boot = z.infer<typeof Boot>;

/** Another version that answers a share of the requests, beside the release. */
export const Canary = z.object({
  /** As of a release of its own: what it becomes when it is no canary any more. */
  release: z.string(),
  version: z.string(),
  /** By digest. */
  image: z.string(),
  /** What runs where, as in `containers`. */
  containers: z.record(z.string(), z.string()),
  /** Which requests: a share of those with the cookie `kamal-rollout`, or certain values of it. */
  share: z.discriminatedUnion("to", [
    z.object({ to: z.literal("percent"), percent: z.number() }),
    z.object({ to: z.literal("allowed"), allow: z.array(z.string()) }),
  ]),
});
export type Canary = z.infer<typeof Canary>;

/** A file that the proxy reads. */
export const ProxyFile = z.discriminatedUnion("from", [
  z.object({ from: z.literal("text"), text: z.string() }),
  /** The name of a secret. */
  z.object({ from: z.literal("secret"), secret: z.string() }),
]);
export type ProxyFile = z.infer<typeof ProxyFile>;

/** One release of an app on its whole fleet, as declared. */
export const ReleaseInputs = z.object({
  schema: z.literal(1),
  service: z.string(),
  destination: z.string().optional(),
  /** `production` of `acme/shop/production`: who owns what this release starts. */
  stack: z.string(),
  version: z.string(),
  /** By digest: `ghcr.io/acme/shop@sha256:…`. */
  image: z.string(),
  release: z.string(),
  /** What runs where: the part of a release that people read in a diff. */
  containers: z.record(z.string(), z.string()),
  /** What the proxies do, in words. */
  routes: z.record(z.string(), z.string()),
  hosts: z.record(z.string(), Address),
  /** Those of them that this stack makes: when one leaves, it goes as a whole, and its tenancy takes the app down before. */
  made: z.array(z.string()).default([]),
  roles: z.record(z.string(), RoleSpec),
  releaseCommand: ReleaseCommand.optional(),
  boot: Boot,
  /** Seconds to look at the new release after the switch, before the old one stops. */
  watch: z.number(),
  canary: Canary.optional(),
  /** Answers 503 with this message instead of the app. */
  maintenance: z.object({ message: z.string() }).optional(),
  /** Folder in the proxy's own files → file name → content: certificates and error pages. The folder is named by the content. */
  proxyFiles: z.record(z.string(), z.record(z.string(), ProxyFile)),
  registry: z.object({ server: z.string(), username: z.string(), password: z.string() }).optional(),
  secrets: texts,
  /** Seconds for a candidate to become healthy. */
  deployTimeout: z.number(),
  /** Seconds for requests in flight. */
  drainTimeout: z.number(),
  /** Replaced containers to keep, per role and host. */
  retainContainers: z.number(),
});
export type ReleaseInputs = z.infer<typeof ReleaseInputs>;

/** One place where a container of this release runs. */
export interface Place {
  readonly slot: Slot;
  readonly host: HostName;
  readonly role: RoleName;
  /** 1 for the first container of a role on a host. */
  readonly replica: number;
  /** A canary answers beside the release, never instead of it. */
  readonly track: "release" | "canary";
  /** With what is different on this host. */
  readonly spec: RoleSpec;
  readonly release: ReleaseId;
  readonly version: string;
  readonly image: string;
  readonly container: ContainerName;
}

/** All places of a release, hosts in sorted order. */
export function places(inputs: ReleaseInputs): Place[] {
  return Object.entries(inputs.roles)
    .flatMap(([role, spec]) => spec.hosts.flatMap((host) => placesOn(inputs, host, role, spec)))
    .sort((a, b) => order(a.slot, b.slot) || order(b.track, a.track) || a.replica - b.replica);
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function placesOn(inputs: ReleaseInputs, host: HostName, role: RoleName, shared: RoleSpec): Place[] {
  const slot: Slot = `${host}/${role}`;
  const release = inputs.containers[slot];
  if (release === undefined) throw new TypeError(`no release for ${slot}`);
  const spec = { ...shared, ...shared.on[host] };
  const place = (replica: number): Place => ({
    ...{ slot, host, role, replica, spec, release, track: "release" },
    ...{ version: inputs.version, image: inputs.image, container: containerName(inputs, role, release, replica) },
  });
  const replicas = Array.from({ length: spec.replicas }, (_, at) => place(at + 1));
  const canary = inputs.canary?.containers[slot];
  if (inputs.canary === undefined || canary === undefined) return replicas;
  const { version, image } = inputs.canary;
  return [
    ...replicas,
    { ...place(1), track: "canary", release: canary, version, image, container: containerName(inputs, role, canary, 1) },
  ];
}

/** `<service>-<role>[-<destination>]`: Kamal's prefix of container names, and the proxy's name of the route. */
export const prefixOf = ({ service, destination }: Pick<ReleaseInputs, "service" | "destination">, role: RoleName): string =>
  [service, role, ...(destination === undefined ? [] : [destination])].join("-");

/** The first container of a role on a host is named as Kamal names its only one. */
export const containerName = (
  inputs: Pick<ReleaseInputs, "service" | "destination">,
  role: RoleName,
  release: ReleaseId,
  replica = 1,
): ContainerName => `${prefixOf(inputs, role)}-${release}${replica === 1 ? "" : `.${replica}`}`;

/** How long a call of the proxy may take, and the requests in flight. */
export const timeoutsOf = ({ deployTimeout, drainTimeout }: ReleaseInputs): ProxyTimeouts => ({
  deploy: deployTimeout,
  drain: drainTimeout,
});

/** Which roles the proxy serves: what one must know to tell what serves. */
export const rolesOf = ({ roles }: Pick<ReleaseInputs, "roles">): Record<RoleName, { proxied: boolean }> =>
  Object.fromEntries(Object.entries(roles).map(([name, { proxy }]) => [name, { proxied: proxy !== undefined }]));
