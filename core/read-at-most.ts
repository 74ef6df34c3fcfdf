import type { Bytes } from "./words.ts";

/**
 * The content of a stream that comes from outside. Rejects when there is more than `limit`, and ends the stream.
 *
 * @param renew called with each part
 */
export async function readAtMost(stream: AsyncIterable<Uint8Array>, limit: Bytes, renew: () => void = () => {}): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    renew();
    size += part.length;
    if (size > limit) throw new Error(`the answer has more than ${sizeOf(limit)}`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const sizeOf = (limit: Bytes): string => (limit < 1024 * 1024 ? `${limit / 1024} KiB` : `${limit / 1024 / 1024} MiB`);
