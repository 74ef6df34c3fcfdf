import { stableHash } from "../values.ts";
import type { ReleaseId } from "../words.ts";
import type { RoleSpec } from "./role.ts";

const SHORT = 8;

/** Where and how often a container runs, its readiness, its route and how it is replaced: changing these must not replace it. */
type AroundIt = "hosts" | "on" | "replicas" | "strategy" | "ready" | "proxy" | "stopDelay";

/** What decides a container. Of its image the digest alone: by it the same image runs, whatever repository it comes from. */
export type ContainerSpec = Omit<RoleSpec, AroundIt> & { readonly digest: string; readonly version: string };

/** First 8 of the spec hash: equal for equal specs, on every machine. */
export function specHash(digest: string, version: string, role: RoleSpec): string {
  const { hosts: _hosts, on: _on, replicas: _replicas, strategy: _strategy, ready: _ready, proxy: _proxy, ...rest } = role;
  const { stopDelay: _delay, ...decides } = rest;
  const spec: ContainerSpec = { ...decides, digest, version };
  return stableHash(spec).slice(0, SHORT);
}

export const releaseId = (version: string, hash: string): ReleaseId => `${version}-${hash}`;

/** The hash of a release: that of its only spec, or one over all its specs. */
export function fleetHash(hashes: readonly string[]): string {
  const [only, ...others] = [...new Set(hashes)].sort();
  return only !== undefined && others.length === 0 ? only : stableHash([only, ...others]).slice(0, SHORT);
}
