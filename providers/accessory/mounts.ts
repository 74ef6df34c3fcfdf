import { posix } from "node:path";
import type { Mount } from "../../core/container/mount.ts";
import { accessoryVolume } from "../../core/names.ts";
import { omitUndefined } from "../../core/values.ts";
import type { FoundMount } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** Where existing data is. */
export interface DataPlaces {
  /** The accessory's own folder on the host. */
  readonly folder: string;
  /** Mounts of the container that is replaced. */
  readonly old: readonly FoundMount[];
  /** Path in the container → source, from earlier runs. */
  readonly kept: Readonly<Record<string, string>>;
}

/** A mount, and the source that it would have without existing data. */
type Placed = Mount & { readonly usual: string };

/**
 * All mounts of the container. Every VOLUME of its image gets a named volume, so that no data ends up in an anonymous one. Existing data
 * stays where it is unless an absolute folder or a volume is declared for its path.
 *
 * @param volumes VOLUME paths of the image
 */
export function mountsOf(inputs: AccessoryInputs, volumes: readonly string[], places: DataPlaces): Mount[] {
  return placed(inputs, volumes, places).map(({ usual: _usual, ...mount }) => mount);
}

/** Path in the container → source, for mounts whose data is elsewhere than new data would be. */
export function keptOf(inputs: AccessoryInputs, volumes: readonly string[], places: DataPlaces): Record<string, string> {
  const kept = placed(inputs, volumes, places).filter(({ source, usual }) => source !== usual);
  return Object.fromEntries(kept.map(({ target, source }) => [target, source]));
}

function placed(inputs: AccessoryInputs, volumes: readonly string[], places: DataPlaces): Placed[] {
  const written = inputs.mounts.map((mount) => ({ ...mount, usual: mount.source }));
  const folders = inputs.directories.map(({ source, target, readOnly = false, relabel }) => {
    const options = { readOnly, ...omitUndefined({ relabel }) };
    if (posix.isAbsolute(source)) return { source, target, usual: source, ...options };
    return { ...placedAt(target, posix.join(places.folder, source), places), ...options };
  });
  const tmpfs = Object.keys(inputs.options.tmpfs);
  const covered = new Set([...[...written, ...folders].map(({ target }) => target), ...tmpfs].map(plain));
  const own = [...new Set(volumes.map(plain))]
    .filter((path) => !covered.has(path))
    .sort()
    .map((path) => placedAt(path, volumeName(inputs, path), places));
  return [...written, ...folders, ...own];
}

const placedAt = (target: string, usual: string, { old, kept }: DataPlaces): Placed => {
  const before = old.find((mount) => plain(mount.target) === plain(target))?.source ?? kept[plain(target)];
  return { source: before ?? usual, target, readOnly: false, usual };
};

const plain = (path: string): string => posix.normalize(path).replace(/(?<=.)\/+$/, "");

/** @example "shop-db-production-var-lib-postgresql-data" */
export const volumeName = ({ container }: Pick<AccessoryInputs, "container">, path: string): string =>
  accessoryVolume(container, plain(path));

/** Names of the volumes among these mounts. */
export const volumesIn = (mounts: readonly Pick<Mount, "source">[]): string[] => [
  ...new Set(mounts.map(({ source }) => source).filter((source) => !posix.isAbsolute(source))),
];

/** Volumes that the new container would not see: those of the old one at a path that the new one does not mount; without an old one, all of this accessory's. */
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
