/**
 * Program: what is kept, for whoever restores it. Arguments: the spec's file, the folder for backups, then `list`, or `read FILE`
 * (to standard output), or `record FILE` (from standard input).
 */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { BackupSpec } from "./backup-spec.ts";
import type { Place } from "./backup-store.ts";
import { placeOf } from "./open-store.ts";
import { messageOf, tell } from "./print.ts";

const DEEDS: Readonly<Record<string, (place: Place, file: string) => Promise<void>>> = {
  list: async (place) => {
    for (const { file, bytes } of await place.list()) tell({ file, bytes });
  },
  read: async (place, file) => pipeline(await place.read(file), process.stdout),
  record: async (place, file) => place.put(file, await text(process.stdin)),
};

const [specFile = "", folder = "", deed = "", file = ""] = process.argv.slice(2);
try {
  const spec = JSON.parse(await readFile(specFile, "utf8")) as BackupSpec;
  const work = DEEDS[deed];
  if (work === undefined) throw new Error(`unknown: ${deed}`);
  await work(await placeOf(spec, folder), file);
} catch (thrown) {
  console.error(messageOf(thrown));
  process.exitCode = 1;
}
