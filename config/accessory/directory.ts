import { z } from "zod";
import type { Directory } from "../../core/accessory/directory.ts";
import type { Mount } from "../../core/container/mount.ts";
import { omitUndefined } from "../../core/values.ts";
import { plainPath, resolveMountOptions } from "../container/mount.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";
import { modeField, ownerField, resolveMode, resolveOwner } from "./mode.ts";

const DirectorySection = section({
  local: field(z.string().min(1), {
    is: "The folder on the host: an absolute path, or one below <container> in the home of the SSH user, as in Kamal.",
    refused: "missing; a path that leaves that folder",
    example: "data",
  }),
  remote: field(z.string().min(1), {
    is: "Path in the container.",
    refused: "missing; a path that is not absolute, or is already mounted",
    example: "/var/lib/postgresql/data",
  }),
  mode: modeField("unchanged; 0755 for a new folder"),
  owner: ownerField("unchanged"),
  options: field(z.string(), {
    is: "Options of the mount, `ro`, `rw`, `z` and `Z`, with commas; behind a text as its third part: `data:/data:z`.",
    otherwise: "none",
    refused: "other options, ro together with rw, z together with Z",
    example: "ro",
  }),
});

export const DirectoriesSection = z.array(z.union([z.string(), DirectorySection]));

/**
 * Folders in addition to mounts.
 *
 * @param data what happens to them when the accessory is removed
 */
export function addDirectories(
  mounts: readonly Mount[],
  input: z.infer<typeof DirectoriesSection> | undefined,
  data: "keep" | "delete",
  place: ConfigPath,
): Directory[] {
  const directories = resolveDirectories(input, place);
  const taken = new Set(mounts.map(({ target }) => plainPath(target)));
  directories.forEach(({ source, target }, at) => {
    const here = place.at(at);
    if (taken.has(target)) here.refuse(`${quoted(target)} is already mounted`);
    taken.add(target);
    if (data === "delete" && /^\/[^/]+$/.test(source))
      here.refuse(`data: delete would delete ${quoted(source)}: use a folder below it`);
  });
  return directories;
}

const resolveDirectories = (input: z.infer<typeof DirectoriesSection> = [], place: ConfigPath): Directory[] =>
  input.flatMap((one, at) => (typeof one === "string" ? (fromText(one, place.at(at)) ?? []) : fromMap(one, place.at(at))));

function fromText(text: string, place: ConfigPath): Directory | undefined {
  const [local = "", remote = "", options, ...more] = text.split(":");
  if (remote === "" || more.length > 0)
    return void place.refuse(`${quoted(text)} is not local:remote or local:remote:options; for more, use a map`);
  const folder = { source: sourceOf(local, place), target: targetOf(remote, place), mode: undefined, owner: undefined };
  return { ...folder, ...optionsOf(options, place) };
}

function optionsOf(text: string | undefined, place: ConfigPath): Pick<Directory, "readOnly" | "relabel"> {
  const { readOnly, relabel } = resolveMountOptions(text, place);
  return { ...(readOnly ? { readOnly } : {}), ...omitUndefined({ relabel }) };
}

function fromMap(input: z.infer<typeof DirectorySection>, place: ConfigPath): Directory {
  for (const key of ["local", "remote"] as const) if (input[key] === undefined) place.at(key).refuse("is required");
  return {
    source: sourceOf(input.local ?? "data", place.at("local")),
    target: targetOf(input.remote ?? "/data", place.at("remote")),
    mode: resolveMode(input.mode, place.at("mode")),
    owner: resolveOwner(input.owner, place.at("owner")),
    ...optionsOf(input.options, place.at("options")),
  };
}

function sourceOf(written: string, place: ConfigPath): string {
  const source = plainPath(written);
  if (written.startsWith("~")) place.refuse(`${quoted(written)}: remove the ~: a relative path is already below the home`);
  else if (source === "/") place.refuse("should be a folder, not the root of the host: use volumes for that");
  else if (source === "." || source === ".." || source.startsWith("../"))
    place.refuse(`${quoted(written)} should be a folder below the accessory's folder, or an absolute path`);
  return source;
}

function targetOf(written: string, place: ConfigPath): string {
  const target = plainPath(written);
  if (!target.startsWith("/") || target === "/") place.refuse(`${quoted(written)} should be an absolute path in the container`);
  return target;
}
