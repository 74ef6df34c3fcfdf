import { createRequire } from "node:module";
import type { Config } from "../../config/index.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { USUAL_KEYS } from "../../core/key-files.ts";
import { readIfThere } from "./key-files.ts";

/** The public keys that may log in to new machines: those in the config, else the public halves of the keys that this operator logs in with. */
export function operatorKeys({ hetzner, ssh }: Pick<Config, "hetzner" | "ssh">): string[] {
  const known = [
    hetzner.sshKeys,
    () => ssh.keyData.map(publicHalf),
    () => ssh.keys.flatMap(besides),
    () => USUAL_KEYS.flatMap(besides),
  ];
  for (const keys of known) {
    const found = typeof keys === "function" ? keys() : [...keys];
    if (found.length > 0) return [...new Set(found)];
  }
  throw new SlipwayError({
    code: "OPERATOR_KEY_UNKNOWN",
    what: "no public key is known, so no one could log in to the new servers",
    evidence: [
      `none of these files exists: ${(ssh.keys.length > 0 ? ssh.keys : USUAL_KEYS).map((file) => `${file}.pub`).join(", ")}`,
    ],
    servesNow: NOTHING_TOUCHED,
    next: "add your public key to slipway:hetzner.ssh_keys",
  });
}

/** The public key file beside a private one. */
const besides = (file: string): string[] => readIfThere(`${file}.pub`).map(withoutComment);

function publicHalf(key: string): string {
  const { utils } = createRequire(import.meta.url)("ssh2") as typeof import("ssh2");
  const parsed = utils.parseKey(key);
  if (parsed instanceof Error) throw unreadable(parsed);
  const [first] = [parsed].flat();
  return `${first?.type} ${first?.getPublicSSH().toString("base64")}`;
}

/** The comment names who created the key, and differs between machines. */
const withoutComment = (text: string): string => text.trim().split(/\s+/).slice(0, 2).join(" ");

/** Without the message of the parser, which may quote the key. */
const unreadable = (cause: Error): SlipwayError =>
  new SlipwayError(
    {
      code: "OPERATOR_KEY_UNKNOWN",
      what: "a key of slipway:ssh.key_data cannot be read, so its public half is unknown",
      servesNow: NOTHING_TOUCHED,
      next: "give the key without a passphrase, or add your public key to slipway:hetzner.ssh_keys",
    },
    { cause },
  );
