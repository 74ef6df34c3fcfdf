import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "../../core/cache-folder.ts";
import { parseJson } from "../../core/text.ts";
import { isMap } from "../../core/values.ts";
import type { Content } from "./content.ts";

/** Whose image it is. */
interface Of {
  /** The project's folder. */
  readonly project: string;
  readonly service: string;
  readonly destination?: string | undefined;
}

const fileOf = ({ project, service, destination }: Of, cache: string): string =>
  join(
    cache,
    "contexts",
    `built-${createHash("sha256")
      .update(JSON.stringify([project, service, destination ?? null]))
      .digest("hex")
      .slice(0, 16)}.json`,
  );

/** Notes what an image was built from, so that the next plan can name the files that have changed. */
export function rememberBuild(of: Of, { hash, entries }: Content, cache = cacheFolder()): void {
  const file = fileOf(of, cache);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const draft = `${file}.${randomUUID()}`;
    writeFileSync(draft, JSON.stringify({ hash, entries: Object.fromEntries(entries) }), { mode: 0o600 });
    renameSync(draft, file);
  } catch {
    // Nothing depends on it but the words of a plan.
    return;
  }
}

/** What the last image was built from, if that was on this machine. */
export function lastBuild(of: Of, cache = cacheFolder()): Content | undefined {
  let text: string;
  try {
    text = readFileSync(fileOf(of, cache), "utf8");
  } catch {
    return undefined;
  }
  const written = parseJson(text);
  if (!isMap(written)) return undefined;
  const { hash, entries } = written;
  if (typeof hash !== "string" || !isMap(entries)) return undefined;
  return { hash, entries: new Map(Object.entries(entries).map(([path, entry]) => [path, String(entry)])) };
}
