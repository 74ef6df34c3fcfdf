import type { BuildFacts } from "../../core/build.ts";
import { cacheFolder } from "../../core/cache-folder.ts";
import { pathsOf } from "../../core/paths.ts";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import { CacheFile } from "./cache-file.ts";
import { type Content, changedPaths } from "./content.ts";

/** Whose image it is. */
interface Of {
  /** The project's folder. */
  readonly project: string;
  readonly service: string;
  readonly destination?: string | undefined;
  /** Of what runs it. Absent: it is the app's. */
  readonly name?: string | undefined;
}

const fileOf = ({ project, service, destination, name }: Of, cache: string): CacheFile =>
  new CacheFile(cache, "built", [project, service, destination ?? null, ...(name === undefined ? [] : [name])]);

/** The hash comes first: most often it is all that is needed. */
const HASH_ENDS = "\n";

/** Notes what an image was built from, so that the next plan can name the files that have changed. */
export const rememberBuild = (of: Of, { hash, entries }: Content, cache = cacheFolder()): void =>
  fileOf(of, cache).write(`${hash}${HASH_ENDS}${JSON.stringify(Object.fromEntries(entries))}`);

/** What has changed since the last build; `undefined`: nothing, or that was not on this machine. */
export function changesSinceBuild(of: Of, now: Content, cache = cacheFolder()): BuildFacts["changed"] {
  const text = fileOf(of, cache).read();
  const end = text.indexOf(HASH_ENDS);
  const since = text.slice(0, Math.max(0, end));
  if (since === "" || since === now.hash) return undefined;
  const written = parseJson(text.slice(end));
  if (!isMap(written)) return undefined;
  const before = new Map(Object.entries(written).map(([path, entry]) => [path, String(entry)]));
  return { since, ...pathsOf(changedPaths(before, now.entries)) };
}
