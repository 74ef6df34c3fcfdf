import { readFile, realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { replaceFile } from "../stack/replace-file.ts";
import { beginJournal, type Journal, type Writer } from "../stack/rollback-journal.ts";
import type { Change } from "./changes.ts";
import { type Edit, edit } from "./yaml-edit.ts";

/** The file of a stack's config while a command has its own in it. */
export class ConfigFile {
  /** As it is shown. */
  readonly path: string;
  readonly #place: string;
  /** The place without links: a link stays one. */
  readonly #file: string;
  readonly #before: Buffer;
  #journal: Journal | undefined;

  private constructor(path: string, place: string, file: string, before: Buffer) {
    this.path = path;
    this.#place = place;
    this.#file = file;
    this.#before = before;
  }

  static async open(path: string, folder: string): Promise<ConfigFile> {
    const place = resolve(folder, path);
    const file = await realpath(place);
    return new ConfigFile(path, place, file, await readFile(file));
  }

  /**
   * Writes the changes, after a copy of the file as it is: what a killed command has written is undone by the next one. Nothing is written
   * if the file cannot be edited.
   *
   * @param seal encrypts the texts of a value for this stack
   */
  async write(
    changes: readonly Change[],
    { by, what }: { readonly by: Writer; readonly what: string },
    seal: (value: unknown, file: string) => Promise<unknown>,
  ): Promise<void> {
    const text = this.#before.toString("utf8");
    if (!Buffer.from(text).equals(this.#before)) throw notUtf8(this.path);
    // Before anything is encrypted: it may refuse the file.
    edit(text, changes.map(inConfig), this.path);
    const edits: Edit[] = [];
    for (const change of changes.map(inConfig))
      edits.push(change.secret && change.to !== undefined ? { path: change.path, to: await seal(change.to, text) } : change);
    const edited = edit(text, edits, this.path);
    if (edited === text) return;
    this.#journal = await beginJournal(this.#place, { by, release: what, before: this.#before, written: edited });
    await replaceFile(this.#file, edited);
  }

  /** A person has agreed: if the command is killed from now on, its config stays, and the next deploy completes it. */
  async agreed(): Promise<void> {
    await this.#journal?.agreed();
  }

  /** Restores the file byte for byte, if it was changed. */
  async restore(): Promise<void> {
    if (this.#journal === undefined) return;
    await replaceFile(this.#file, this.#before);
    await this.#journal.end();
  }

  /** Leaves the file as it is now. */
  async keep(): Promise<void> {
    await this.#journal?.end();
  }
}

/** The place of a change in the file. */
export const inConfig = (change: Change): Change => ({ ...change, path: ["config", ...change.path] });

const notUtf8 = (path: string): SlipwayError =>
  new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: `${path} is not a text in UTF-8`,
    servesNow: NOTHING_TOUCHED,
    next: "write it in UTF-8, or restore it from version control, and run slipway deploy",
  });
