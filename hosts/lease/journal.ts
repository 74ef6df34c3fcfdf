import { printable } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";
import type { Connection } from "../ssh/connection.ts";
import { JOURNAL, WRITE_JOURNAL } from "./hold.ts";
import { ownerName } from "./holder.ts";
import { runScript } from "./run-script.ts";
import { AS_ROOT_IF_NEEDED } from "./state-folder.ts";

/** A change as the journal of a host names it before it ends. Never with a secret: every user who may change the host reads it. */
export interface Entry {
  /** `ann@laptop (shop/production)` */
  readonly who: string;
  /** `slipway deploy: release 1.4.2-ab12cd34 of shop` */
  readonly what: string;
}

/** A line of the journal. */
export interface Recorded extends Entry {
  /** When it began by the host's clock, in ISO 8601. */
  readonly at: string;
  readonly seconds: Seconds;
  readonly result: string;
}

const LONGEST_TEXT = 300;

/** One line, without what would end a field. */
const field = (text: string): string => [...printable(text.replace(/\s+/g, " ")).trim()].slice(0, LONGEST_TEXT).join("") || "-";

/** As `HOLD` takes it. */
export const entryText = (entry: Entry | undefined): string =>
  entry === undefined ? "" : `${ownerName(entry.who)}\t${field(entry.what)}`;

/** As `HOLD` takes it, on its input: a line. @param result undefined: nothing is to be written */
export const resultLine = (result: string | undefined): string =>
  result === undefined ? "quiet\n" : `result ${field(result)}\n`;

/** $1 this text, $2 folder of leases, $3 state folder, $4 who and what, $5 result. */
const NOTE = `
folder=$2 state=$3 entry=$4
${AS_ROOT_IF_NEEDED}
${WRITE_JOURNAL}
open_journal
write_journal "$5"
`;

/** Adds a line to the journal of a host for what was done without its lease. */
export async function note(connection: Connection, entry: Entry, result: string): Promise<void> {
  await runScript(connection, NOTE, [entryText(entry), field(result)]);
}

/** $1 this text, $2 folder of leases, $3 state folder, $4 how many lines. */
const READ = `
folder=$2 state=$3
${AS_ROOT_IF_NEEDED}
for at in "$folder" "$state"; do
  for file in "$at/${JOURNAL}.1" "$at/${JOURNAL}"; do
    [ -r "$file" ] && cat "$file"
  done
done | sort -s -t "$(printf '\\t')" -k 1,1 | tail -n "$4"
`;

/** The newest lines of a host's journal, oldest first. */
export async function readJournal(connection: Connection, lines: number): Promise<Recorded[]> {
  const { stdout } = await runScript(connection, READ, [String(lines)]);
  return parseJournal(stdout);
}

/** Pure. What is no line of ours is left out. */
export const parseJournal = (text: string): Recorded[] =>
  text.split("\n").flatMap((line) => {
    const [at = "", seconds = "", who = "", what = "", result] = line.split("\t");
    if (result === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(at) || !/^\d+$/.test(seconds)) return [];
    return [{ at, seconds: Number(seconds), who: printable(who), what: printable(what), result: printable(result) }];
  });
