import { type Mount, Relabel } from "../../core/container/mount.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const OPTIONS = ["ro", "rw", "z", "Z"];

/** @example resolveMount("/var/lib/shop:/data:ro", place) */
export function resolveMount(text: string, place: ConfigPath): Mount {
  const [source = "", target = "", options = "", ...more] = text.split(":");
  const chosen = options === "" ? [] : options.split(",");
  const stray = chosen.find((option) => !OPTIONS.includes(option));
  if (target === "" || more.length > 0) place.refuse(`${quoted(text)} is not source:target or source:target:options`);
  else if (!target.startsWith("/")) place.refuse(`the target ${quoted(target)} should be an absolute path in the container`);
  else if (!source.startsWith("/") && !VOLUME_NAME.test(source))
    place.refuse(`the source ${quoted(source)} should be an absolute path on the host, or the name of a volume`);
  else if (stray !== undefined) place.refuse(`unknown option ${quoted(stray)}; available: ${OPTIONS.join(", ")}`);
  const relabel = chosen.flatMap((option) => Relabel.safeParse(option).data ?? [])[0];
  return {
    source,
    target,
    readOnly: chosen.includes("ro"),
    ...(relabel === undefined ? {} : { relabel }),
  };
}

export const resolveMounts = (texts: readonly string[] | undefined, place: ConfigPath): Mount[] => addMounts([], texts, place);

/** Mounts in addition to those of the root. */
export function addMounts(mounted: readonly Mount[], texts: readonly string[] = [], place: ConfigPath): Mount[] {
  const own = texts.map((text, at) => resolveMount(text, place.at(at)));
  const all = [...mounted, ...own];
  own.forEach(({ target }, at) => {
    const first = all.findIndex((other) => other.target === target);
    if (first < mounted.length + at) place.at(at).refuse(`${quoted(target)} is already mounted`);
  });
  return all;
}
