/** Program: stores what the container of the dump writes. Arguments: the spec's file, the folder of the pipes, the folder for backups, the folder for records. */
import { readFile } from "node:fs/promises";
import { backUp } from "./back-up.ts";
import type { BackupSpec } from "./backup-spec.ts";
import { openStore } from "./open-store.ts";
import { messageOf, print } from "./print.ts";
import { Records } from "./records.ts";

const [specFile = "", pipes = "", folder = "", records = ""] = process.argv.slice(2);
const stopped = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stopped.abort());

try {
  const spec = JSON.parse(await readFile(specFile, "utf8")) as BackupSpec;
  const places = { store: await openStore(spec, folder), records: new Records(records), pipes };
  print({ ...(await backUp(spec, places, stopped.signal)) });
} catch (thrown) {
  print({ error: messageOf(thrown) });
  process.exitCode = 1;
}
