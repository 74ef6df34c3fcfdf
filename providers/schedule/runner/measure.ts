import { createHash } from "node:crypto";
import { type Readable, Transform } from "node:stream";
import type { Recorded } from "./records.ts";

/** Passes a stream on; `found` says what it was, at its end. */
export function measured(content: Readable): { readonly content: Readable; readonly found: () => Recorded } {
  const hash = createHash("sha256");
  let bytes = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  content.on("error", (error) => through.destroy(error));
  return { content: content.pipe(through), found: () => ({ bytes, sha256: hash.copy().digest("hex") }) };
}
