import { createReadStream } from "node:fs";
import { open, readFile, rm, stat } from "node:fs/promises";
import { isAbsolute, join, normalize, posix } from "node:path";
import { Readable, type Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Bytes } from "../../core/words.ts";
import type { ImageStore, Written } from "../store/store.ts";

/** One file of an image's folder or tar. */
export interface Part {
  readonly path: string;
  readonly size: Bytes;
  /** Known of one that was unpacked from a tar. It may then become a blob of the store as it is. */
  readonly unpacked?: Written & { readonly path: string };
}

/** An image's folder, or its tar as if it were one. */
export interface Source extends AsyncDisposable {
  /** `undefined`: missing. */
  part(name: string): Promise<Part | undefined>;
}

/** A tar of more files is none of an image. */
const MOST_PARTS = 50_000;

/** What is at a path is neither a folder nor a tar that can be read. The message says why. */
export class Unreadable extends Error {}

/** Opens a folder, or unpacks a tar into drafts of the store; blobs that the store has are not written again. */
export async function openSource(path: string, store: ImageStore): Promise<Source> {
  if ((await stat(path)).isDirectory()) return folderAt(path);
  const read = () => createReadStream(path, { highWaterMark: 1024 * 1024 });
  return (await isGzip(path)) ? unpack(read, store, createGunzip()) : unpack(read, store);
}

/** The same of a tar that comes through a stream, so that it is not written as a whole. @param start called when someone listens */
export const openTar = (start: () => Readable, store: ImageStore): Promise<Source> => unpack(start, store);

const folderAt = (root: string): Source => ({
  async part(name) {
    // Names come from the files themselves.
    if (isAbsolute(name) || normalize(name).startsWith("..")) return undefined;
    const path = join(root, name);
    const found = await stat(path).catch(() => undefined);
    return found?.isFile() ? { path, size: found.size } : undefined;
  },
  async [Symbol.asyncDispose]() {},
});

const BLOB = /^blobs\/(?<kind>sha256)\/(?<hex>[0-9a-f]{64})$/;

async function unpack(start: () => Readable, store: ImageStore, gunzip?: Transform): Promise<Source> {
  const { extract } = await import("tar-stream");
  const parts = new Map<string, Part>();
  const links = new Map<string, string>();
  const drafts: string[] = [];
  const remove = async () => {
    await Promise.all(drafts.map((draft) => rm(draft, { force: true })));
  };
  const entries = extract();
  const content = start();
  const tar = gunzip === undefined ? content : content.pipe(gunzip);
  for (const stream of [content, tar]) stream.on("error", (error: Error) => entries.destroy(error));
  tar.pipe(entries);
  try {
    for await (const entry of entries) {
      const { name: written, type, linkname, size = 0 } = entry.header;
      const name = posix.normalize(written).replace(/^\.?\//, "");
      if (parts.size + links.size > MOST_PARTS) throw new Unreadable(`it has more than ${MOST_PARTS} files`);
      const { kind = "", hex = "" } = BLOB.exec(name)?.groups ?? {};
      const known = { digest: `${kind}:${hex}`, size };
      if (type === "symlink" || type === "link") {
        const target = type === "link" ? (linkname ?? "") : posix.join(posix.dirname(name), linkname ?? "");
        links.set(name, posix.normalize(target).replace(/^\.?\//, ""));
        entry.resume();
      } else if (type !== "file") entry.resume();
      else if (hex !== "" && (await store.has(known))) {
        parts.set(name, { path: store.blobPath(known.digest), size });
        entry.resume();
      } else {
        const unpacked = await store.draft(entry as unknown as AsyncIterable<Buffer>);
        drafts.push(unpacked.path);
        parts.set(name, { path: unpacked.path, size: unpacked.size, unpacked });
      }
    }
  } catch (thrown) {
    await remove();
    content.destroy();
    throw isTarError(thrown) ? new Unreadable("it is neither a folder nor a tar", { cause: thrown }) : thrown;
  }
  return {
    async part(name) {
      return parts.get(name) ?? parts.get(links.get(name) ?? "");
    },
    [Symbol.asyncDispose]: remove,
  };
}

const isTarError = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  /tar header|invalid tar|unexpected end|incorrect header check|invalid distance|checksum/i.test(thrown.message);

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/** Manifests, indexes and configs. Registries accept 4 MiB. */
const MOST_TEXT: Bytes = 8 * 1024 * 1024;

/** A part that is JSON; `undefined` if it is missing. */
export async function textOf(source: Source, name: string): Promise<string | undefined> {
  const part = await source.part(name);
  if (part === undefined) return undefined;
  if (part.size > MOST_TEXT) throw new Unreadable(`${name} has more than ${MOST_TEXT / 1024 / 1024} MiB`);
  return readFile(part.path, "utf8");
}

/** The bytes of a part, uncompressed if they are gzip. */
export async function plainBytes({ path }: Part): Promise<Readable> {
  const content = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (!(await isGzip(path))) return content;
  const plain = createGunzip();
  content.on("error", (error) => plain.destroy(error));
  return Readable.from(content.pipe(plain), { objectMode: false });
}
