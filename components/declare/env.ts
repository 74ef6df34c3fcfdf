import type { Config, Env } from "../../config/index.ts";
import { canonical } from "../../core/hash.ts";
import { secretsFingerprint } from "../../providers/release/spec.ts";

/** An environment as inputs of a resource tell it: clear values, names of secrets, and what stands for the values of those. */
export interface DeclaredEnv {
  readonly env: Record<string, string>;
  /** Name in the container → name of the secret. */
  readonly secretEnv: Record<string, string>;
  readonly secretsFingerprint: string;
}

export const declareEnv = (config: Config, { clear, secret }: Env): DeclaredEnv => ({
  env: { ...clear },
  secretEnv: { ...secret },
  secretsFingerprint: fingerprint(
    config,
    Object.fromEntries(Object.entries(secret).map(([name, of]) => [name, config.secrets[of] ?? ""])),
  ),
});

/** One costs 30 ms, and most roles, hosts and accessories have the same secrets. */
function fingerprint(config: Config, secrets: Readonly<Record<string, string>>): string {
  const known = fingerprints.get(config) ?? new Map<string, string>();
  fingerprints.set(config, known);
  const key = canonical(secrets);
  const made = known.get(key) ?? secretsFingerprint(secrets, `${config.service}/${config.destination ?? ""}`);
  known.set(key, made);
  return made;
}

const fingerprints = new WeakMap<Config, Map<string, string>>();
