import { posix } from "node:path";
import type { Mount } from "../../core/container/mount.ts";
import type { FoundMount } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** Where data is already. */
export interface Homes {
  /** The accessory's own folder on the host. */
  readonly folder: string;
  /** Of the container that is replaced. */
  readonly old: readonly FoundMount[];
  /** Path in the container → source, of earlier ones. */
  readonly kept: Readonly<Record<string, string>>;
}

/** A mount, and whether its source is one that was written by its full name. */
type Placed = Mount & { readonly usual: string };

/**
 * All that the container mounts. Every VOLUME of its image has a name, so that no data is in a volume that nobody finds again. Data
 * that is there already stays where it is: only an absolute folder or a volume that somebody wrote says otherwise.
 *
 * @param volumes VOLUMEs of the image
 */
export function mountsOf(inputs: AccessoryInputs, volumes: readonly string[], homes: Homes): Mount[] {
  return placed(inputs, volumes, homes).map(({ usual: _usual, ...mount }) => mount);
}

/** Path in the container → source, where it is not the one that it would be given today. */
export function keptOf(inputs: AccessoryInputs, volumes: readonly string[], homes: Homes): Record<string, string> {
  const kept = placed(inputs, volumes, homes).filter(({ source, usual }) => source !== usual);
  return Object.fromEntries(kept.map(({ target, source }) => [target, source]));
}

function placed(inputs: AccessoryInputs, volumes: readonly string[], homes: Homes): Placed[] {
  const written = inputs.mounts.map((mount) => ({ ...mount, usual: mount.source }));
  const folders = inputs.directories.map(({ source, target }) => {
    if (posix.isAbsolute(source)) return { source, target, readOnly: false, usual: source };
    return placedAt(target, posix.join(homes.folder, source), homes);
  });
  const tmpfs = Object.keys(inputs.options.tmpfs);
  const covered = new Set([...[...written, ...folders].map(({ target }) => target), ...tmpfs].map(plain));
  const own = [...new Set(volumes.map(plain))]
    .filter((path) => !covered.has(path))
    .sort()
    .map((path) => placedAt(path, volumeName(inputs, path), homes));
  return [...written, ...folders, ...own];
}

const placedAt = (target: string, usual: string, { old, kept }: Homes): Placed => {
  const before = old.find((mount) => plain(mount.target) === plain(target))?.source ?? kept[plain(target)];
  return { source: before ?? usual, target, readOnly: false, usual };
};

const plain = (path: string): string => posix.normalize(path).replace(/(?<=.)\/+$/, "");

/** @example "shop-db-production-var-lib-postgresql-data" */
export const volumeName = ({ container }: Pick<AccessoryInputs, "container">, path: string): string =>
  [container, ...plain(path).split("/")]
    .map((part) => part.replace(/[^a-zA-Z0-9_.-]+/g, "-"))
    .filter(Boolean)
    .join("-");

/** Names of the volumes that a container with these mounts has. */
export const volumesIn = (mounts: readonly Pick<Mount, "source">[]): string[] => [
  ...new Set(mounts.map(({ source }) => source).filter((source) => !posix.isAbsolute(source))),
];

/** Data that the new container would not see: volumes of the old one under a path that the new one does not mount; without an old one, all that are this accessory's. */
export function lostVolumes(
  mounts: readonly Mount[],
  old: readonly FoundMount[] | undefined,
  labelled: readonly string[],
): string[] {
  const seen = new Set(volumesIn(mounts));
  if (old === undefined) return labelled.filter((volume) => !seen.has(volume)).sort();
  const targets = new Set(mounts.map(({ target }) => plain(target)));
  return old
    .filter(({ kind, source, target }) => kind === "volume" && !seen.has(source) && !targets.has(plain(target)))
    .map(({ source }) => source)
    .sort();
}
