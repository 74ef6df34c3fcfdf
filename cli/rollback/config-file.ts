import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { pulumi, stackArguments } from "../stack/pulumi.ts";
import type { Change } from "./changes.ts";

/** The file of a stack's config during a rollback. */
export class ConfigFile {
  readonly path: string;
  readonly #before: Buffer;

  private constructor(path: string, before: Buffer) {
    this.path = path;
    this.#before = before;
  }

  static async open(path: string): Promise<ConfigFile> {
    return new ConfigFile(path, await readFile(path));
  }

  /** Pulumi encrypts secrets, which it gets on its stdin; everything else is edited in place and comments are kept. */
  async write(changes: readonly Change[], stack: string | undefined, folder: string): Promise<void> {
    for (const { path, to } of changes.filter(({ secret, sign }) => secret && sign !== "-")) {
      // Pulumi removes one newline at the end.
      const input = `${String(to)}\n`;
      await pulumi(["config", "set", "--secret", "--path", keyOf(path), ...stackArguments(stack)], folder, { input });
    }
    const text = await readFile(this.path, "utf8");
    const edited = edit(
      text,
      changes.filter(({ secret, sign }) => !secret || sign === "-"),
    );
    if (edited !== text) await this.#replace(edited);
  }

  /** Restores the file byte for byte. */
  restore(): Promise<void> {
    return this.#replace(this.#before);
  }

  /** Replaces the file atomically. */
  async #replace(content: string | Buffer): Promise<void> {
    const draft = `${this.path}.slipway`;
    try {
      await writeFile(draft, content);
      await rename(draft, this.path);
    } finally {
      await rm(draft, { force: true });
    }
  }
}

/** Sets and removes values of `config:` in the text of a stack's file. */
export function edit(text: string, changes: readonly Change[]): string {
  if (changes.length === 0) return text;
  const file = parseDocument(text);
  for (const { path, to, sign } of changes) {
    if (sign === "-") file.deleteIn(["config", ...path]);
    else file.setIn(["config", ...path], to);
  }
  // In the style of the file, as far as the printer supports it.
  const indentSeq = !/^( *)[^\s#-][^\n]*:\n\1- /m.test(text);
  return file.toString({ lineWidth: 0, indentSeq, flowCollectionPadding: /[[{] \S/.test(text) });
}

/** A path for `pulumi config set --path`: `slipway:secrets.TOKEN`, `slipway:secrets["a.b"]`. */
const keyOf = ([key = "", ...rest]: readonly string[]): string =>
  key + rest.map((part) => (/^\w+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`)).join("");
