import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { relative, sep } from "node:path";
import type { Place } from "../place.ts";
import { type Content, contentOf } from "./content.ts";
import { entryAt } from "./entry.ts";
import { type Ignored, ignoredIn } from "./ignore-file.ts";
import { ContextMemory } from "./memory.ts";

/** How a Dockerfile outside of the context, or one that is ignored, is named. */
export const DOCKERFILE = "Dockerfile of the build";

/** The content of a build: the files that BuildKit gets, and the Dockerfile. Throws what the file system throws. */
export function readContext(place: Place, memory = ContextMemory.of(place)): Content {
  const { context, dockerfile } = place;
  const entries = new Map<string, string>();
  addBelow(context, "", ignoredIn(place), entries, memory);
  const own = relative(context, dockerfile).split(sep).join("/");
  // A link says nothing of the file that it leads to.
  if (entries.get(own)?.startsWith("file ") !== true) addFile(dockerfile, DOCKERFILE, statSync(dockerfile), entries, memory);
  memory.save();
  return contentOf(entries);
}

function addBelow(folder: string, prefix: string, ignored: Ignored, entries: Map<string, string>, memory: ContextMemory): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    const isIgnored = ignored.ignores(path);
    if (isIgnored && (ignored.prunes || !entry.isDirectory())) continue;
    const file = `${folder}${sep}${entry.name}`;
    if (!isIgnored) addFile(file, path, lstatSync(file), entries, memory);
    if (entry.isDirectory()) addBelow(file, `${path}/`, ignored, entries, memory);
  }
}

function addFile(file: string, path: string, found: Stats, entries: Map<string, string>, memory: ContextMemory): void {
  const entry = memory.entry(path, found, () => entryAt(file, found));
  if (entry !== undefined) entries.set(path, entry);
}
