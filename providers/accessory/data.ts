import { posix } from "node:path";
import type { Bytes } from "../../core/words.ts";
import { asRoot, type Host } from "../../hosts/index.ts";
import type { ObservedAccessory } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** The data of an accessory on its host. */
export interface Data {
  readonly volumes: readonly string[];
  /** Folders in its own folder. */
  readonly folders: readonly string[];
  /** Folders declared by a full path: they are the user's, and never removed. */
  readonly others: readonly string[];
}

/** Volumes with its labels, and everything that it mounts and can write to. */
export function dataOf(inputs: AccessoryInputs, { main, volumes }: ObservedAccessory, folder: string): Data {
  const readOnly = new Set(inputs.mounts.filter((mount) => mount.readOnly).map(({ target }) => target));
  const mounts = main === undefined || main.of === "other" ? [] : main.mounts;
  const mounted = mounts.filter(({ target }) => !readOnly.has(target));
  const binds = mounted.filter(({ kind }) => kind === "bind").map(({ source }) => source);
  const declared = inputs.directories.flatMap(({ source }) =>
    posix.isAbsolute(source) ? [source] : folder === "" ? [] : [posix.join(folder, source)],
  );
  const isOwn = (path: string) => folder !== "" && path.startsWith(`${folder}/`);
  const folders = [...new Set([...binds, ...declared])].sort();
  return {
    volumes: [...new Set([...volumes, ...mounted.filter(({ kind }) => kind === "volume").map(({ source }) => source)])].sort(),
    folders: folders.filter(isOwn),
    others: folders.filter((path) => !isOwn(path)),
  };
}

/** Those of the volumes that hold something, or of which that is not known. */
export async function volumesWithData(volumes: readonly string[], { docker }: Host): Promise<readonly string[]> {
  if (volumes.length === 0) return volumes;
  const bytes = await docker.volumeBytes();
  return volumes.filter((name) => bytes.get(name) !== 0);
}

/** Bytes of each volume and folder that would be removed. An unreadable folder is left out. */
export async function measure(
  inputs: AccessoryInputs,
  { found, folder }: { readonly found: ObservedAccessory; readonly folder: string },
  host: Host,
): Promise<Record<string, Bytes>> {
  const { volumes, folders } = dataOf(inputs, found, folder);
  const [usage, sizes] = await Promise.all([
    volumes.length === 0 ? new Map<string, Bytes>() : host.docker.volumeBytes(),
    Promise.all(folders.map((path) => bytesIn(path, host))),
  ]);
  const known = [
    ...volumes.map((name) => [name, usage.get(name) ?? -1] as const),
    ...folders.map((path, at) => [path, sizes[at] ?? -1] as const),
  ];
  return Object.fromEntries(known.filter(([, bytes]) => bytes >= 0));
}

async function bytesIn(path: string, host: Host): Promise<Bytes> {
  const { code, stdout } = await host.run(asRoot(host.address, ["du", "-sxB1", "--", path]));
  const bytes = Number(stdout.split("\t", 1)[0]);
  return code === 0 && Number.isFinite(bytes) ? bytes : -1;
}
