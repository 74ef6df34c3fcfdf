import { quoted } from "../schema/name.ts";
import type { Place } from "../schema/problem.ts";

/** What a container mounts: a folder of the host, or a named Docker volume. */
export interface Volume {
  readonly kind: "bind" | "volume";
  /** An absolute path on the host, or the name of the volume. */
  readonly source: string;
  /** An absolute path in the container. */
  readonly target: string;
  readonly readOnly: boolean;
  /** SELinux: shared (`z`) or private (`Z`) label. */
  readonly relabel?: "z" | "Z";
}

const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const OPTIONS = ["ro", "rw", "z", "Z"];

/** @example resolveVolume("/var/lib/shop:/data:ro", place) */
export function resolveVolume(text: string, place: Place): Volume {
  const [source = "", target = "", options = "", ...more] = text.split(":");
  const chosen = options === "" ? [] : options.split(",");
  const stray = chosen.find((option) => !OPTIONS.includes(option));
  if (target === "" || more.length > 0) place.refuse(`${quoted(text)} is not source:target or source:target:options`);
  else if (!target.startsWith("/")) place.refuse(`the target ${quoted(target)} should be an absolute path in the container`);
  else if (!source.startsWith("/") && !VOLUME_NAME.test(source))
    place.refuse(`the source ${quoted(source)} should be an absolute path on the host, or the name of a volume`);
  else if (stray !== undefined) place.refuse(`unknown option ${quoted(stray)}; there are ${OPTIONS.join(", ")}`);
  const relabel = chosen.find((option) => option === "z" || option === "Z");
  return {
    kind: source.startsWith("/") ? "bind" : "volume",
    source,
    target,
    readOnly: chosen.includes("ro"),
    ...(relabel === undefined ? {} : { relabel }),
  };
}

export const resolveVolumes = (texts: readonly string[] | undefined, place: Place): Volume[] => addVolumes([], texts, place);

/** Volumes beside those that are mounted already. */
export function addVolumes(mounted: readonly Volume[], texts: readonly string[] = [], place: Place): Volume[] {
  const own = texts.map((text, at) => resolveVolume(text, place.at(at)));
  const all = [...mounted, ...own];
  own.forEach(({ target }, at) => {
    const first = all.findIndex((other) => other.target === target);
    if (first < mounted.length + at) place.at(at).refuse(`${quoted(target)} is mounted twice`);
  });
  return all;
}
