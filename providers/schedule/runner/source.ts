/**
 * Program: reads stored backups, for a restore. Arguments: the spec's file, the folder for backups, then `list`, or `read FILE`
 * (to standard output), or `record FILE` (from standard input).
 */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { BackupSpec } from "./backup-spec.ts";
import type { BackupStore } from "./backup-store.ts";
import { openStore } from "./open-store.ts";
import { messageOf, print } from "./print.ts";

const COMMANDS: Readonly<Record<string, (store: BackupStore, file: string) => Promise<void>>> = {
  list: async (store) => {
    for (const { file, bytes } of await store.list()) print({ file, bytes });
  },
  read: async (store, file) => pipeline(await store.read(file), process.stdout),
  record: async (store, file) => store.put(file, await text(process.stdin)),
};

const [specFile = "", folder = "", command = "", file = ""] = process.argv.slice(2);
try {
  const spec = JSON.parse(await readFile(specFile, "utf8")) as BackupSpec;
  const execute = COMMANDS[command];
  if (execute === undefined) throw new Error(`unknown command: ${command}`);
  await execute(await openStore(spec, folder), file);
} catch (thrown) {
  console.error(messageOf(thrown));
  process.exitCode = 1;
}
