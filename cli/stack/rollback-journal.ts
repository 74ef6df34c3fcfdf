import { createHash } from "node:crypto";
import { readdir, readFile, realpath, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";
import { JOURNAL } from "./left-behind.ts";
import { processAt } from "./process-at.ts";
import { putFile, replaceFile } from "./replace-file.ts";

/** The commands that write a stack's config. */
const Writer = z.enum(["rollback", "promote"]);
export type Writer = z.infer<typeof Writer>;

/** A word of its own: names of folders may have it in them. */
const COMMAND = /(?:^| )(?:rollback|promote)(?: |$)/;

/** @example NAMES.rollback("1.4.1-77aa01ef") // "a rollback to 1.4.1-77aa01ef" */
const NAMES: Readonly<Record<Writer, (release: string) => string>> = {
  rollback: (release) => `a rollback to ${release}`,
  promote: (release) => `a promotion of ${release}`,
};

/**
 * What such a command notes while it has its config in the stack's file, beside that file: `.Pulumi.production.yaml.rollback`. It is removed
 * at the end. One that is found belongs to a command that was killed.
 */
const Noted = z.object({
  by: Writer.default("rollback"),
  /** The release whose config it is. */
  release: z.string(),
  /** Whether it was confirmed, so that hosts may have been changed. */
  agreed: z.boolean(),
  /** The file as it was, in Base64. */
  before: z.string(),
  /** The hash of the file as the command wrote it. */
  written: z.string(),
  pid: z.number(),
  machine: z.string(),
});
type Noted = z.infer<typeof Noted>;

export interface Journal {
  /** It was confirmed. */
  agreed(): Promise<void>;
  end(): Promise<void>;
}

const journalOf = (file: string): string => join(dirname(file), `.${basename(file)}${JOURNAL.ending}`);
const hashOf = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");

/** Notes the file as it is, before it is changed. */
export async function beginJournal(
  file: string,
  { by, release, before, written }: { by: Writer; release: string; before: Buffer; written: string },
): Promise<Journal> {
  const path = journalOf(file);
  const noted: Noted = {
    by,
    release,
    agreed: false,
    before: before.toString("base64"),
    written: hashOf(written),
    pid: process.pid,
    machine: hostname(),
  };
  await note(path, noted);
  return { agreed: () => note(path, { ...noted, agreed: true }), end: () => rm(path, { force: true }) };
}

/** As secret as the file itself. */
const note = (path: string, noted: Noted): Promise<void> => putFile(path, JSON.stringify(noted), 0o600);

/**
 * Undoes what a killed command has left in a stack's file: its config is removed, unless it had been confirmed.
 *
 * @param path as it is shown, from this folder
 * @returns what was found, in a sentence; nothing without such a command
 */
export async function recoverFile(path: string, folder: string): Promise<string | undefined> {
  const place = resolve(folder, path);
  const journal = journalOf(place);
  const noted = Noted.safeParse(parseJson(await readFile(journal, "utf8").catch(() => ""))).data;
  if (noted === undefined) return undefined;
  if (noted.machine === hostname() && (await processAt(noted.pid, COMMAND)) === "running") throw stillRunning(path, noted);
  const file = await realpath(place);
  const [now, before] = [await readFile(file), Buffer.from(noted.before, "base64")];
  const left = `${NAMES[noted.by](noted.release)} was killed`;
  const outcome = async (): Promise<string | undefined> => {
    if (now.equals(before)) return undefined;
    if (hashOf(now) !== noted.written) return `${left}; ${path} has been edited since and stays as it is`;
    if (noted.agreed) return `${left} while it released; ${path} is that of ${noted.release}, and a deploy completes it`;
    await replaceFile(file, before);
    return `${left} before it released anything; ${path} is as it was before it`;
  };
  const found = await outcome();
  await rm(journal, { force: true });
  return found;
}

/** The files of stacks that a killed command may have left changed. */
export async function interruptedRollbacks(configFolder: string): Promise<string[]> {
  const names = await readdir(configFolder).catch((): string[] => []);
  return names
    .filter((name) => name.startsWith(JOURNAL.prefix) && name.endsWith(JOURNAL.ending))
    .map((name) => join(configFolder, name.slice(1, -JOURNAL.ending.length)));
}

const stillRunning = (path: string, { by, release, pid }: Noted): SlipwayError =>
  new SlipwayError({
    code: "PULUMI_FAILED",
    what: `${NAMES[by](release)} is running on this machine (process ${pid}), and has its config in ${path}`,
    servesNow: NOTHING_TOUCHED,
    next: "wait until it has ended, then run this again",
  });
