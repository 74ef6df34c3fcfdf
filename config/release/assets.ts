import type { Mount } from "../../core/container/mount.ts";
import type { Assets } from "../../core/release/role.ts";
import { faultOfOptions, plainPath } from "../container/mount.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

const OPTIONS = ["ro", "z", "Z"];

/** `/app/public/assets`, with `:ro`, `:z` or `:Z` as in Kamal; it is always read-only. */
export function resolveAssets(text: string | undefined, place: ConfigPath): Assets | undefined {
  if (text === undefined) return undefined;
  const [path = "", options, ...more] = text.split(":");
  const chosen = options?.split(",") ?? [];
  const fault = faultOfOptions(chosen, OPTIONS);
  if (more.length > 0) place.refuse(`${quoted(text)} is not path or path:options`);
  else if (!path.startsWith("/")) place.refuse(`${quoted(path)} should be an absolute path in the container`);
  else if (plainPath(path) === "/") place.refuse("cannot be the root folder");
  else if (fault !== undefined) place.refuse(fault);
  const relabel = chosen.find((option) => option === "z" || option === "Z");
  return { path, ...(relabel === undefined ? {} : { relabel }) };
}

/** A volume or tmpfs at the same path would hide the assets. */
export function refuseHiddenAssets(
  assets: Assets | undefined,
  mounts: readonly Mount[],
  tmpfs: Readonly<Record<string, string>>,
  place: ConfigPath,
): void {
  if (assets === undefined) return;
  const isThere = (target: string) => plainPath(target) === plainPath(assets.path);
  if (mounts.some(({ target }) => isThere(target))) place.refuse(`${quoted(assets.path)} is also mounted as a volume`);
  else if (Object.keys(tmpfs).some(isThere)) place.refuse(`${quoted(assets.path)} is also mounted as a tmpfs`);
}
