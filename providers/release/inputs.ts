import { z } from "zod";
import { type App, prefixOf } from "../../core/names.ts";
import { Registry } from "../../core/registry.ts";
import { Boot } from "../../core/release/boot.ts";
import { CanaryShare } from "../../core/release/canary.ts";
import { ReleaseCommand as DeclaredCommand } from "../../core/release/command.ts";
import { Maintenance } from "../../core/release/maintenance.ts";
import { ProxyFiles } from "../../core/release/proxy-file.ts";
import { RoleSpec } from "../../core/release/role.ts";
import type { ContainerName, HostName, ReleaseId, RoleName, Slot } from "../../core/words.ts";
import { Address, type ProxyTimeouts } from "../../hosts/index.ts";

const texts = z.record(z.string(), z.string());

/** Where the release commands run. */
export const ReleaseCommand = DeclaredCommand.extend({ host: z.string(), role: z.string() });
export type ReleaseCommand = z.infer<typeof ReleaseCommand>;

/** Another version that answers a share of the requests, beside the release. */
export const Canary = z.object({
  /** As of a release of its own: what it becomes when it is no canary any more. */
  release: z.string(),
  version: z.string(),
  /** By digest. */
  image: z.string(),
  /** What runs where, as in `containers`. */
  containers: z.record(z.string(), z.string()),
  share: CanaryShare,
});
export type Canary = z.infer<typeof Canary>;

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
  maintenance: Maintenance.optional(),
  proxyFiles: ProxyFiles,
  registry: Registry.optional(),
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

/** The first container of a role on a host is named as Kamal names its only one. */
export const containerName = (app: App, role: RoleName, release: ReleaseId, replica = 1): ContainerName =>
  `${prefixOf(app, role)}-${release}${replica === 1 ? "" : `.${replica}`}`;

/** How long a call of the proxy may take, and the requests in flight. */
export const timeoutsOf = ({ deployTimeout, drainTimeout }: ReleaseInputs): ProxyTimeouts => ({
  deploy: deployTimeout,
  drain: drainTimeout,
});

/** Which roles the proxy serves: what one must know to tell what serves. */
export const rolesOf = ({ roles }: Pick<ReleaseInputs, "roles">): Record<RoleName, { proxied: boolean }> =>
  Object.fromEntries(Object.entries(roles).map(([name, { proxy }]) => [name, { proxied: proxy !== undefined }]));
