import { scryptSync } from "node:crypto";
import { canonical, stableHash } from "../../core/hash.ts";
import type { ReleaseId } from "../../core/words.ts";
import type { RoleSpec } from "./inputs.ts";

const SHORT = 8;

/** Where a container runs, beside how many others, how it proves itself and how it is routed: changing these must not replace it. */
type AroundIt = "hosts" | "on" | "replicas" | "strategy" | "ready" | "proxy";

/** What decides a container. */
export type ContainerSpec = Omit<RoleSpec, AroundIt> & { readonly image: string; readonly version: string };

/** First 8 of the spec hash: equal for equal specs, on every machine. */
export function specHash(image: string, version: string, role: RoleSpec): string {
  const { hosts: _hosts, on: _on, replicas: _replicas, strategy: _strategy, ready: _ready, proxy: _proxy, ...decides } = role;
  const spec: ContainerSpec = { ...decides, image, version };
  return stableHash(spec).slice(0, SHORT);
}

export const releaseId = (version: string, hash: string): ReleaseId => `${version}-${hash}`;

/** The release of a fleet: of its one spec, or of all its specs together. */
export function fleetHash(hashes: readonly string[]): string {
  const [only, ...others] = [...new Set(hashes)].sort();
  return only !== undefined && others.length === 0 ? only : stableHash([only, ...others]).slice(0, SHORT);
}

/**
 * Stands for secret values where they must not be, but where a change of them must show: in the spec hash, which is readable in
 * names, labels and state. A plain hash of a short secret could be guessed offline; scrypt makes each guess cost 30 ms.
 */
export function secretsFingerprint(secrets: Readonly<Record<string, string>>, salt: string): string {
  if (Object.keys(secrets).length === 0) return "";
  return scryptSync(canonical(secrets), salt, 16).toString("hex");
}
