import { randomBytes } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { notice } from "../terminal/failure.ts";

/** The file of a project with the passphrase of its stacks' secrets. Nothing below `.pulumi` is ever part of an image. */
export const PASSPHRASE_FILE = ".pulumi/passphrase";

/** Of 256 bits, in characters that every shell and every form of a CI takes as they are. */
export const newPassphrase = (): string => randomBytes(32).toString("base64url");

/**
 * What Pulumi needs to find the passphrase of a project without a question. What the user has set counts, the empty passphrase included:
 * then this adds nothing.
 */
export function passphraseFor(root: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE) return {};
  const file = join(root, PASSPHRASE_FILE);
  if (!existsSync(file)) return {};
  if ((statSync(file).mode & 0o077) !== 0) notice(`other users can read ${PASSPHRASE_FILE} of this project: chmod 600 ${file}`);
  return { PULUMI_CONFIG_PASSPHRASE_FILE: file };
}
