import { z } from "zod";
import { command } from "../command.ts";
import { folder } from "../state.ts";

/** A key that signs an archive of packages. */
export interface SigningKey {
  /** 40 hex digits, as gpg shows them. */
  readonly fingerprint: string;
  /** The public part, armored. */
  readonly armored: string;
}

/** @param name as gpg lists it. Made once, kept. */
export async function ensureSigningKey(name: string): Promise<SigningKey> {
  const known = await fingerprintOf(name);
  if (known === undefined) await gpg(["--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "never"]);
  const fingerprint = known ?? z.string().parse(await fingerprintOf(name));
  const armored = await gpg(["--armor", "--export", fingerprint]);
  return { fingerprint, armored };
}

/** The text with the key's signature around it. */
export const signed = (key: SigningKey, text: string): Promise<string> =>
  gpg(["--local-user", key.fingerprint, "--clearsign", "--output", "-"], text);

/** gpg leaves an agent behind, which would outlive the lab. */
export async function endSigning(): Promise<void> {
  await command(["gpgconf", "--homedir", await home(), "--kill", "gpg-agent"]);
}

async function fingerprintOf(name: string): Promise<string | undefined> {
  const listed = await gpg(["--with-colons", "--list-keys", `=${name}`]).catch(() => "");
  return /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1];
}

const home = (): Promise<string> => folder("gnupg");

async function gpg(args: readonly string[], input = ""): Promise<string> {
  return command(["gpg", "--batch", "--no-tty", "--quiet", "--homedir", await home(), "--pinentry-mode", "loopback", ...args], {
    input,
  });
}
