import { type App, prefixOf } from "../../core/names.ts";
import { imageOf } from "../../core/release/named-image.ts";
import type { RoleSpec } from "../../core/release/role.ts";
import type { ContainerName, HostName, ReleaseId, RoleName, Slot } from "../../core/words.ts";
import type { ReleaseInputs } from "./inputs.ts";

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
  const { version, image } = imageOf(inputs, role);
  const place = (replica: number): Place => ({
    slot,
    host,
    role,
    replica,
    spec,
    release,
    track: "release",
    version,
    image,
    container: containerName(inputs, role, release, replica),
  });
  const replicas = Array.from({ length: spec.replicas }, (_, at) => place(at + 1));
  const canary = inputs.canary?.containers[slot];
  if (inputs.canary === undefined || canary === undefined) return replicas;
  const { version: tried, image: ofCanary } = inputs.canary;
  const container = containerName(inputs, role, canary, 1);
  return [...replicas, { ...place(1), track: "canary", release: canary, version: tried, image: ofCanary, container }];
}

/** The first container of a role on a host is named as Kamal names its only one. */
export const containerName = (app: App, role: RoleName, release: ReleaseId, replica = 1): ContainerName =>
  `${prefixOf(app, role)}-${release}${replica === 1 ? "" : `.${replica}`}`;
