import type { Readable } from "node:stream";
import type { Bytes } from "../../core/words.ts";

/** Owner of a file, by number: names are only valid inside its container. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A file or a folder in a container's file system. */
export type ArchiveEntry = Owner & {
  /** Relative to the parent of the archived folder: `certs/key.pem`. */
  readonly path: string;
  /** Permission bits: `0o600`. */
  readonly mode: number;
} & ({ readonly kind: "file"; readonly content: Buffer } | { readonly kind: "folder" });

/** A folder in a container, running or not. It may be in a volume. */
export interface ContainerFolder {
  readonly container: string;
  readonly path: string;
}

/** The first file of a tar stream. */
export async function readFileFrom(tar: Readable): Promise<Buffer | undefined> {
  const first = (await readArchive(tar, MOST_OF_A_FILE)).find((entry) => entry.kind === "file");
  return first?.content;
}

/** A file that is read is small: a list of users, a version, the state of the proxy. */
const MOST_OF_A_FILE: Bytes = 16 * 1024 * 1024;
const MOST_OF_A_FOLDER: Bytes = 1024 * 1024 * 1024;

/** All files and folders of a tar stream; links and special files are left out. Rejects when their content is larger than `limit`. */
export async function readArchive(tar: Readable, limit: Bytes = MOST_OF_A_FOLDER): Promise<ArchiveEntry[]> {
  const entries = await entriesOf(tar);
  const found: ArchiveEntry[] = [];
  let size = 0;
  // Read to the end, so that the connection can be reused.
  for await (const entry of entries) {
    const parts: Buffer[] = [];
    for await (const part of entry as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > limit) {
        tar.destroy();
        throw new Error(`${entry.header.name} is too large to be read: more than ${limit / 1024 / 1024} MiB`);
      }
      parts.push(part);
    }
    const { name, type, mode = 0, uid = 0, gid = 0 } = entry.header;
    const common = { path: name.replace(/^\.\/|\/$/g, ""), mode: mode & 0o7777, uid, gid };
    if (type === "file") found.push({ ...common, kind: "file", content: Buffer.concat(parts) });
    if (type === "directory") found.push({ ...common, kind: "folder" });
  }
  return found;
}

/** The owner of the archived path, which is the first entry of the stream. The others, all of a database's files, are not read. */
export async function readOwner(tar: Readable): Promise<Owner | undefined> {
  for await (const entry of await entriesOf(tar)) {
    tar.destroy();
    return { uid: entry.header.uid ?? 0, gid: entry.header.gid ?? 0 };
  }
  return undefined;
}

/** A tar archive of these entries, in this order. */
export async function archiveOf(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const { pack } = await import("tar-stream");
  const tar = pack();
  for (const entry of entries) {
    const { path: name, mode, uid, gid } = entry;
    const header = { name, mode, uid, gid, mtime: new Date() };
    if (entry.kind === "folder") tar.entry({ ...header, type: "directory" });
    else tar.entry(header, entry.content);
  }
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

async function entriesOf(tar: Readable) {
  const { extract } = await import("tar-stream");
  const entries = extract();
  tar.on("error", (error: Error) => entries.destroy(error));
  tar.pipe(entries);
  return entries;
}

/** A path that means the content of the folder, not the folder itself. */
export const contentOf = ({ path }: ContainerFolder): string => `${path.replace(/\/+$/, "")}/.`;
