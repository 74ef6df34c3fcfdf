import type { Config, Env } from "../../config/index.ts";
import type { AccessoryFile } from "../../core/accessory/file.ts";
import type { Environment } from "../../core/container/environment.ts";
import { secretsFingerprint } from "../../core/container/fingerprint.ts";
import { canonical } from "../../core/values.ts";

/** Whose secrets an environment refers to. */
export type SecretsOfApp = Pick<Config, "service" | "destination" | "secrets"> & Partial<Pick<Config, "adopt">>;

/** An environment as the inputs of a resource have it. */
export const declareEnv = (app: SecretsOfApp, { clear, secret }: Env): Environment => ({
  env: clear,
  secretEnv: secret,
  secretsFingerprint: fingerprint(
    app,
    Object.fromEntries(Object.entries(secret).map(([name, of]) => [name, app.secrets[of] ?? ""])),
  ),
});

/** Secret name → value, of those that a resource needs. */
export const secretsNamed = ({ secrets }: SecretsOfApp, names: readonly string[]): Record<string, string> =>
  Object.fromEntries([...new Set(names)].sort().map((name) => [name, secrets[name] ?? ""]));

/** Path → fingerprint of the content, of files that may hold secrets. */
export const fingerprintsOf = (app: SecretsOfApp, files: readonly AccessoryFile[]): Record<string, string> =>
  Object.fromEntries(files.map(({ path, content, encoding }) => [path, fingerprint(app, { content, encoding })]));

/** Computing one takes 30 ms, and most roles, hosts and accessories have the same secrets. */
function fingerprint(app: SecretsOfApp, values: Readonly<Record<string, string>>): string {
  const known = fingerprints.get(app) ?? new Map<string, string>();
  fingerprints.set(app, known);
  const key = canonical(values);
  const made = known.get(key) ?? secretsFingerprint(values, `${app.service}/${app.destination ?? ""}`);
  known.set(key, made);
  return made;
}

const fingerprints = new WeakMap<SecretsOfApp, Map<string, string>>();
