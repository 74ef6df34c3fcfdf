import { z } from "zod";
import { parseJson } from "../../core/text.ts";
import { type Access, parseAccess } from "../../hosts/index.ts";
import { projectOf } from "../../project/place.ts";

/** A name in `slipway:secrets`, as Kamal writes it: `key_data: [DEPLOY_KEY]`. No private key looks like one. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const Ssh = z.looseObject({ key_data: z.union([z.string(), z.array(z.string())]).optional() });
const Secrets = z.record(z.string(), z.string());

/** A config with the private keys that only a source of `slipway:secrets_from` has. Most have none, and nothing is loaded. */
export async function withKeys(
  config: { get(key: string): string | undefined },
  { report, folder }: { readonly report: { say(text: string): void }; readonly folder: string },
): Promise<{ get(key: string): string | undefined }> {
  if (config.get("slipway:secrets_from") === undefined) return config;
  const { withKeysOfSources } = await import("../../secrets/index.ts");
  return withKeysOfSources(config, () => ({ folder: projectOf(folder), env: process.env, report: (line) => report.say(line) }));
}

/** How this operator authenticates. The only part of the stack's config that a provider reads: it must not enter state. */
export function accessOf(config: { get(key: string): string | undefined }, env: NodeJS.ProcessEnv): Access {
  const written = config.get("slipway:ssh");
  const ssh = Ssh.safeParse(parseJson(written ?? ""));
  if (!ssh.success || ssh.data.key_data === undefined) return parseAccess(written, env);
  const secrets = Secrets.safeParse(parseJson(config.get("slipway:secrets") ?? "")).data ?? {};
  const keys = [ssh.data.key_data].flat().map((entry) => (NAME.test(entry) ? (secrets[entry] ?? entry) : entry));
  return parseAccess(JSON.stringify({ ...ssh.data, key_data: keys }), env);
}
