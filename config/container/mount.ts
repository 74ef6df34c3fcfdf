import { posix } from "node:path";
import { type Mount, Relabel } from "../../core/container/mount.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const OPTIONS = ["ro", "rw", "z", "Z"];
const OPPOSITES = [
  ["ro", "rw"],
  ["z", "Z"],
] as const;

/**
 * A path in a container or on a host in its shortest form: Docker takes `/data/`, `/data/.` and `//data` for one place.
 *
 * @example plainPath("//data/.") // "/data"
 */
export const plainPath = (path: string): string => posix.normalize(path).replace(/(?<=.)\/+$/, "");

/** Why options of a mount are refused, by what may be written. */
export function faultOfOptions(chosen: readonly string[], known: readonly string[]): string | undefined {
  const stray = chosen.find((option) => !known.includes(option));
  if (stray !== undefined) return `unknown option ${quoted(stray)}; available: ${known.join(", ")}`;
  const opposites = OPPOSITES.find((pair) => pair.every((option) => chosen.includes(option)));
  return opposites && `${quoted(chosen.join(","))}: ${opposites.join(" and ")} exclude each other`;
}

type MountOptions = Pick<Mount, "readOnly" | "relabel">;

/** @example resolveMountOptions("ro,z", place) // { readOnly: true, relabel: "z" } */
export function resolveMountOptions(text: string | undefined, place: ConfigPath): MountOptions {
  const chosen = text?.split(",") ?? [];
  const fault = faultOfOptions(chosen, OPTIONS);
  if (fault !== undefined) place.refuse(fault);
  return chosenIn(chosen);
}

function chosenIn(chosen: readonly string[]): MountOptions {
  const relabel = chosen.flatMap((option) => Relabel.safeParse(option).data ?? [])[0];
  return { readOnly: chosen.includes("ro"), ...(relabel === undefined ? {} : { relabel }) };
}

/** @example resolveMount("/var/lib/shop:/data:ro", place) */
export function resolveMount(text: string, place: ConfigPath): Mount {
  const [source = "", target = "", options, ...more] = text.split(":");
  const chosen = options?.split(",") ?? [];
  const fault = faultOfOptions(chosen, OPTIONS);
  if (target === "" || more.length > 0) place.refuse(`${quoted(text)} is not source:target or source:target:options`);
  else if (!target.startsWith("/")) place.refuse(`the target ${quoted(target)} should be an absolute path in the container`);
  else if (plainPath(target) === "/")
    place.refuse(`the target ${quoted(target)} should be a folder in the container, not its root`);
  else if (/^[a-z0-9]$/i.test(source))
    place.refuse(`the source ${quoted(source)}: the name of a volume has at least two characters`);
  else if (!source.startsWith("/") && !VOLUME_NAME.test(source))
    place.refuse(`the source ${quoted(source)} should be an absolute path on the host, or the name of a volume`);
  else if (fault !== undefined) place.refuse(fault);
  return { source, target, ...chosenIn(chosen) };
}

export const resolveMounts = (texts: readonly string[] | undefined, place: ConfigPath): Mount[] => addMounts([], texts, place);

/** Mounts in addition to those of the root. */
export function addMounts(mounted: readonly Mount[], texts: readonly string[] = [], place: ConfigPath): Mount[] {
  const own = texts.map((text, at) => resolveMount(text, place.at(at)));
  const all = [...mounted, ...own];
  own.forEach(({ target }, at) => {
    const first = all.findIndex((other) => plainPath(other.target) === plainPath(target));
    if (first < mounted.length + at) place.at(at).refuse(`${quoted(target)} is already mounted`);
  });
  return all;
}

/** A path has one mount: Docker refuses a tmpfs where a volume is. */
export function refuseCovered(tmpfs: Readonly<Record<string, string>>, targets: readonly string[], place: ConfigPath): void {
  const taken = new Set(targets.map(plainPath));
  for (const path of Object.keys(tmpfs)) if (taken.has(plainPath(path))) place.refuse(`${quoted(path)} is already mounted`);
}
