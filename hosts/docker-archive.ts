import type { Readable } from "node:stream";

/** The first file of a tar stream. */
export async function readFileFrom(tar: Readable): Promise<Buffer | undefined> {
  const { extract } = await import("tar-stream");
  const entries = extract();
  tar.on("error", (error: Error) => entries.destroy(error));
  tar.pipe(entries);
  let content: Buffer | undefined;
  // Read to the end even after the file, so that the connection can be used again.
  for await (const entry of entries) {
    const parts: Buffer[] = [];
    for await (const part of entry as AsyncIterable<Buffer>) parts.push(part);
    if (content === undefined && entry.header.type === "file") content = Buffer.concat(parts);
  }
  return content;
}
