import { readFile } from "node:fs/promises";
import { Readable, type Transform } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { messageOf } from "../../core/error.ts";
import { refusal } from "./declared-backup.ts";
import type { Kept } from "./store.ts";

/** The private keys of a file as age-keygen writes it. */
export async function readIdentities(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8").catch((thrown: unknown) => {
    throw refusal(
      "USAGE",
      `the identity ${file} cannot be read: ${messageOf(thrown)}`,
      "name the file that age-keygen wrote: --identity FILE",
    );
  });
  const keys = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (keys.length > 0 && keys.every((key) => key.startsWith("AGE-SECRET-KEY-"))) return keys;
  throw refusal("USAGE", `${file} holds no private key of age`, "name the file that age-keygen wrote: --identity FILE");
}

/** What is needed to open it; asked before anything is touched. */
export async function identitiesFor({ id, isEncrypted }: Kept, file: string | undefined): Promise<string[]> {
  if (!isEncrypted) return [];
  if (file !== undefined) return readIdentities(file);
  throw refusal("USAGE", `the backup ${id} is encrypted`, "name the file with its private key: --identity FILE");
}

/** Opens and unpacks on this machine: the private key goes nowhere. What is cut off or was tampered with is a failure. */
export async function unwrap(
  content: Readable,
  { isEncrypted, isCompressed, id }: Kept,
  identities: readonly string[],
): Promise<Readable> {
  const open = isEncrypted ? await decrypted(content, identities, id) : content;
  const unpacked = isCompressed ? through(open, createGunzip()) : open;
  // A reader sees the error itself. Without one, because what should read it did not start, it would end the process.
  return unpacked.on("error", () => {});
}

function through(content: Readable, transform: Transform): Readable {
  content.on("error", (error) => transform.destroy(error));
  return content.pipe(transform);
}

async function decrypted(content: Readable, identities: readonly string[], id: string): Promise<Readable> {
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    const open = await decrypter.decrypt(Readable.toWeb(content) as globalThis.ReadableStream<Uint8Array>);
    return Readable.fromWeb(open as ReadableStream<Uint8Array>);
  } catch (thrown) {
    throw refusal(
      "RESTORE_FAILED",
      `the backup ${id} was not opened: ${messageOf(thrown)}`,
      "use the private key of the public key that it was encrypted to",
    );
  }
}
