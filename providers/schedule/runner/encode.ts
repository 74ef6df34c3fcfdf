import { Readable, type Transform } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { createGzip } from "node:zlib";
import type { BackupSpec } from "./backup-spec.ts";
import { withoutMark } from "./snapshot.ts";

/** Packs and encrypts what goes through. A failure of what it comes from is a failure of what comes out. */
export async function wrap(
  content: Readable,
  { form, gzip, encrypt }: Pick<BackupSpec, "form" | "gzip" | "encrypt">,
): Promise<Readable> {
  const plain = form === "rdb" ? through(content, withoutMark()) : content;
  const packed = gzip ? through(plain, createGzip()) : plain;
  if (encrypt === undefined) return packed;
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  encrypter.addRecipient(encrypt);
  const sealed = await encrypter.encrypt(Readable.toWeb(packed) as globalThis.ReadableStream<Uint8Array>);
  return Readable.fromWeb(sealed as ReadableStream<Uint8Array>);
}

function through(content: Readable, transform: Transform): Readable {
  content.on("error", (error) => transform.destroy(error));
  return content.pipe(transform);
}
