import { Readable } from "node:stream";
import type Dockerode from "dockerode";
import type { Deadline } from "../../core/deadline.ts";
import {
  type ArchiveEntry,
  archiveOf,
  type ContainerFolder,
  contentOf,
  type Owner,
  readArchive,
  readFileFrom,
  readOwner,
} from "./archive.ts";
import type { Call } from "./patience.ts";
import { lookUp } from "./request.ts";
import { renewing } from "./streams.ts";
import type { DockerTransport } from "./transport.ts";

export const readFile = (transport: DockerTransport, container: string, path: string): Promise<Buffer | undefined> =>
  lookUp(transport, "read file", async (docker, call) => readFileFrom(await archive(docker, call, container, path)));

export const readFolder = (transport: DockerTransport, container: string, path: string): Promise<ArchiveEntry[] | undefined> =>
  lookUp(transport, "read folder", async (docker, call) => readArchive(await archive(docker, call, container, path)));

export const ownerOf = (transport: DockerTransport, container: string, path: string): Promise<Owner | undefined> =>
  lookUp(transport, "read owner", async (docker, call) => readOwner(await archive(docker, call, container, path)));

async function archive(docker: Dockerode, { renew }: Call, container: string, path: string): Promise<Readable> {
  const stream = (await docker.getContainer(container).getArchive({ path })) as Readable;
  return Readable.from(renewing(stream, renew), { objectMode: false });
}

/** The slowest line over which files are written, in bytes a second. */
const SLOWEST_LINE = 64 * 1024;

export async function writeFiles(
  transport: DockerTransport,
  container: string,
  folder: string,
  entries: readonly ArchiveEntry[],
): Promise<void> {
  const tar = await archiveOf(entries);
  const write = (docker: Dockerode) => docker.getContainer(container).putArchive(tar, { path: folder });
  await transport.change("write files", write, { pace: "stream", extra: tar.length / SLOWEST_LINE });
}

export async function addMissing(
  transport: DockerTransport,
  from: ContainerFolder,
  to: ContainerFolder,
  deadline: Deadline,
): Promise<void> {
  const failure = (why: string) =>
    new Error(`${from.container}:${from.path} was not copied to ${to.container}:${to.path}: ${why}`);
  const late = () => failure("not finished in time");
  const read = (place: ContainerFolder) => readFolder(transport, place.container, contentOf(place));
  const [source, target] = await deadline.race(Promise.all([read(from), read(to)]), late);
  if (source === undefined || target === undefined) throw failure("no such folder");
  const known = new Set(target.map(({ path }) => path));
  const missing = source.filter(({ path }) => path !== "." && path !== "" && !known.has(path));
  if (missing.length > 0) await deadline.race(writeFiles(transport, to.container, to.path, missing), late);
}
