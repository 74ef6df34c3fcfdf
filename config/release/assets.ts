import type { Mount } from "../../core/container/mount.ts";
import type { Assets } from "../../core/release/role.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

const OPTIONS = ["ro", "z", "Z"];

/** `/app/public/assets`, with `:ro`, `:z` or `:Z` as in Kamal; it is always read-only. */
export function resolveAssets(text: string | undefined, place: ConfigPath): Assets | undefined {
  if (text === undefined) return undefined;
  const [path = "", options = "", ...more] = text.split(":");
  const chosen = options === "" ? [] : options.split(",");
  const stray = chosen.find((option) => !OPTIONS.includes(option));
  if (more.length > 0) place.refuse(`${quoted(text)} is not path or path:options`);
  else if (!path.startsWith("/")) place.refuse(`${quoted(path)} should be an absolute path in the container`);
  else if (/^\/+$/.test(path)) place.refuse("cannot be the root folder");
  else if (stray !== undefined) place.refuse(`unknown option ${quoted(stray)}; available: ${OPTIONS.join(", ")}`);
  const relabel = chosen.find((option) => option === "z" || option === "Z");
  return { path, ...(relabel === undefined ? {} : { relabel }) };
}

/** A volume at the same path would hide the assets. */
export function refuseHiddenAssets(assets: Assets | undefined, mounts: readonly Mount[], place: ConfigPath): void {
  if (assets !== undefined && mounts.some(({ target }) => target === assets.path))
    place.refuse(`${quoted(assets.path)} is also mounted as a volume`);
}
