/**
 * Program: reads stored backups, for a restore. Arguments: the spec's file, the folder for backups, the folder for records, then `list`, or
 * `verify FILE`, or `read FILE` (to standard output) with the version that was verified, or `record FILE` (from standard input).
 */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { BackupSpec } from "./backup-spec.ts";
import type { BackupStore } from "./backup-store.ts";
import { measured } from "./measure.ts";
import { openStore } from "./open-store.ts";
import { messageOf, print } from "./print.ts";
import { Records } from "./records.ts";

type Work = (store: BackupStore, file: string, version: string | undefined) => Promise<void>;

const COMMANDS: Readonly<Record<string, Work>> = {
  list: async (store) => {
    const recorded = await records.all();
    for (const { file, bytes } of await store.list()) print({ file, bytes, recorded: recorded[file] });
  },
  verify: async (store, file) => {
    const { content, version } = await store.open(file);
    const measure = measured(content);
    for await (const _chunk of measure.content);
    print({ ...measure.found(), version });
  },
  read: async (store, file, version) => pipeline((await store.open(file, version)).content, process.stdout),
  record: async (store, file) => store.put(file, await text(process.stdin)),
};

const [specFile = "", folder = "", recordFolder = "", command = "", file = "", version] = process.argv.slice(2);
const records = new Records(recordFolder);
try {
  const spec = JSON.parse(await readFile(specFile, "utf8")) as BackupSpec;
  const execute = COMMANDS[command];
  if (execute === undefined) throw new Error(`unknown command: ${command}`);
  await execute(await openStore(spec, folder), file, version);
} catch (thrown) {
  console.error(messageOf(thrown));
  process.exitCode = 1;
}
