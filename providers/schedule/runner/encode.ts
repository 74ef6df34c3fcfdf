import { Readable, type Transform } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { createGzip } from "node:zlib";
import type { BackupSpec } from "./backup-spec.ts";
import { withoutTrailer } from "./snapshot.ts";

/** Compresses and encrypts a stream. An error of the input is an error of the output. */
export async function encode(
  content: Readable,
  { form, gzip, encrypt }: Pick<BackupSpec, "form" | "gzip" | "encrypt">,
): Promise<Readable> {
  const plain = form === "rdb" ? through(content, withoutTrailer()) : content;
  const compressed = gzip ? through(plain, createGzip()) : plain;
  if (encrypt === undefined) return compressed;
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  encrypter.addRecipient(encrypt);
  const encrypted = await encrypter.encrypt(Readable.toWeb(compressed) as globalThis.ReadableStream<Uint8Array>);
  return Readable.fromWeb(encrypted as ReadableStream<Uint8Array>);
}

function through(content: Readable, transform: Transform): Readable {
  content.on("error", (error) => transform.destroy(error));
  return content.pipe(transform);
}
