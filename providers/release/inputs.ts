import { z } from "zod";
import { RouteSpec } from "../../core/route.ts";
import type { HostName, ReleaseId, RoleName, Slot } from "../../core/words.ts";
import { Address } from "../../hosts/index.ts";

const texts = z.record(z.string(), z.string());

/** A folder or volume of the host inside the container. */
export const Mount = z.object({
  /** An absolute path, or the name of a volume. */
  source: z.string(),
  target: z.string(),
  readOnly: z.boolean(),
  /** SELinux: shared or private label. */
  relabel: z.enum(["z", "Z"]).optional(),
});
export type Mount = z.infer<typeof Mount>;

/** What Docker grants, limits and refuses a container. */
export const ContainerOptions = z.object({
  /** Bytes. */
  memory: z.number().optional(),
  cpus: z.number().optional(),
  restart: z.object({
    name: z.enum(["no", "always", "unless-stopped", "on-failure"]),
    maximumRetryCount: z.number().optional(),
  }),
  capAdd: z.array(z.string()),
  capDrop: z.array(z.string()),
  readOnly: z.boolean(),
  /** Path → mount options. */
  tmpfs: texts,
  user: z.string().optional(),
  workdir: z.string().optional(),
  /** Bytes of /dev/shm. */
  shmSize: z.number().optional(),
  /** `name:address`. */
  addHost: z.array(z.string()),
  ulimits: z.array(z.object({ name: z.string(), soft: z.number(), hard: z.number() })),
});
export type ContainerOptions = z.infer<typeof ContainerOptions>;

/** Everything of one role that does not depend on the host it runs on. */
export const RoleSpec = z.object({
  hosts: z.array(z.string()),
  command: z.array(z.string()).optional(),
  env: texts,
  /** Name in the container → name in `secrets`. */
  secretEnv: texts,
  /** Stands for the secret values in the spec hash; see `secretsFingerprint`. */
  secretsFingerprint: z.string(),
  labels: texts,
  options: ContainerOptions,
  mounts: z.array(Mount),
  logging: z.object({ driver: z.string(), options: texts }),
  /** Seconds between SIGTERM and SIGKILL. */
  stopTimeout: z.number(),
  /** How kamal-proxy serves it; absent for a role that serves no HTTP. */
  proxy: RouteSpec.optional(),
});
export type RoleSpec = z.infer<typeof RoleSpec>;

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
  roles: z.record(z.string(), RoleSpec),
  registry: z.object({ server: z.string(), username: z.string(), password: z.string() }).optional(),
  secrets: texts,
  /** Seconds for a candidate to become healthy. */
  deployTimeout: z.number(),
  /** Seconds for requests in flight. */
  drainTimeout: z.number(),
  /** Seconds that a container without HTTP must stay up to count as healthy. */
  readinessDelay: z.number(),
  /** Replaced containers to keep, per role and host. */
  retainContainers: z.number(),
});
export type ReleaseInputs = z.infer<typeof ReleaseInputs>;

/** One place where a container of this release runs. */
export interface Place {
  readonly slot: Slot;
  readonly host: HostName;
  readonly role: RoleName;
  readonly spec: RoleSpec;
  readonly release: ReleaseId;
}

/** All places of a release, hosts in sorted order. */
export function places(inputs: ReleaseInputs): Place[] {
  return Object.entries(inputs.roles)
    .flatMap(([role, spec]) => spec.hosts.map((host) => place(inputs, host, role, spec)))
    .sort((a, b) => (a.slot < b.slot ? -1 : 1));
}

function place(inputs: ReleaseInputs, host: HostName, role: RoleName, spec: RoleSpec): Place {
  const slot: Slot = `${host}/${role}`;
  const release = inputs.containers[slot];
  if (release === undefined) throw new TypeError(`no release for ${slot}`);
  return { slot, host, role, spec, release };
}

/** `<service>-<role>[-<destination>]`: Kamal's prefix of container names, and the proxy's name of the route. */
export const prefixOf = ({ service, destination }: Pick<ReleaseInputs, "service" | "destination">, role: RoleName): string =>
  [service, role, ...(destination === undefined ? [] : [destination])].join("-");

export const containerName = (inputs: ReleaseInputs, role: RoleName, release: ReleaseId): string =>
  `${prefixOf(inputs, role)}-${release}`;
