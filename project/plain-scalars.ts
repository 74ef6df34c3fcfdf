import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import { numberIn, type PlainScalar } from "../core/plain-scalar.ts";
import { stackFileIn } from "./config-files.ts";

const NAMESPACE = "slipway:";
const MERGE = "<<";
/** Anchors can repeat each other without end. */
const MOST_SCALARS = 100_000;
const DEEPEST = 100;

/**
 * The scalars in the file of a stack that may arrive as something else: those without quotes, and those that begin with a line break. None
 * if there is no such file, or if all of them arrive as they are written.
 *
 * @param folder in the project: that of Pulumi.yaml, or one below it
 */
export function readPlainScalars(folder: string, stack: string): PlainScalar[] {
  const file = stackFileIn(folder, stack);
  return file === undefined ? [] : plainScalars(readFileSync(file, "utf8"));
}

/** @example plainScalars("config:\n  slipway:version: 1.10\n") // [{ kind: "value", path: ["version"], text: "1.10", line: 2 }] */
export function plainScalars(file: string): PlainScalar[] {
  if (!isDoubtful(file)) return [];
  // Loaded here, since most files hold no such scalar, and parsing takes longer than all the rest.
  const yaml: typeof Yaml = createRequire(import.meta.url)("yaml");
  return new StackFile(file, yaml).scalars();
}

/**
 * Whether a word in it is a number in another spelling than its usual one, or a boolean that is not in small letters, or a text begins with
 * a line break.
 */
const isDoubtful = (file: string): boolean =>
  /"\\n|[|>][-+\d]*[ \t]*(?:#.*)?\r?\n[ \t]*\r?\n/.test(file) ||
  /\b(?:True|TRUE|False|FALSE)\b/.test(file) ||
  (file.match(/[-+.\w]*\d[-+.\w]*/g) ?? []).some((word) => {
    const number = numberIn(word);
    return number !== undefined && String(number) !== word;
  });

type Path = readonly (string | number)[];

/** A stack's file as it is written: nothing in it is read as a number or a time. */
class StackFile {
  readonly #yaml: typeof Yaml;
  readonly #document: Yaml.Document;
  readonly #lines: Yaml.LineCounter;
  readonly #anchored = new Map<Yaml.Alias, unknown>();
  readonly #found: PlainScalar[] = [];

  constructor(file: string, yaml: typeof Yaml) {
    this.#yaml = yaml;
    this.#lines = new yaml.LineCounter();
    const options = { schema: "failsafe", lineCounter: this.#lines, logLevel: "silent", uniqueKeys: false } as const;
    this.#document = yaml.parseDocument(file, options);
  }

  scalars(): PlainScalar[] {
    const { errors, contents } = this.#document;
    // Pulumi reports what is not YAML.
    if (errors.length > 0 || !this.#yaml.isMap(contents)) return [];
    const config = this.#behind(contents.get("config", true));
    if (!this.#yaml.isMap(config)) return [];
    for (const pair of config.items) {
      const key = this.#keyOf(pair);
      if (key.startsWith(NAMESPACE)) this.#addBelow(pair.value, [key.slice(NAMESPACE.length)]);
    }
    return this.#found;
  }

  #addBelow(given: unknown, path: Path): void {
    const node = this.#behind(given);
    if (path.length > DEEPEST || this.#found.length > MOST_SCALARS) return;
    if (this.#yaml.isMap(node)) this.#addMap(node, path, new Set());
    else if (this.#yaml.isSeq(node)) for (const [at, item] of node.items.entries()) this.#addBelow(item, [...path, at]);
    else this.#add(node, "value", path);
  }

  /** @param taken keys that a map has already, and what it has merged: it takes precedence over these */
  #addMap(map: Yaml.YAMLMap, path: Path, taken: Set<unknown>): void {
    if (taken.has(map)) return;
    taken.add(map);
    const pairs = map.items.map((pair) => [this.#keyOf(pair), pair] as const);
    for (const [key, pair] of pairs) {
      if (key === MERGE || taken.has(key)) continue;
      taken.add(key);
      this.#add(pair.key, "key", [...path, key]);
      this.#addBelow(pair.value, [...path, key]);
    }
    for (const merged of pairs.flatMap(([key, { value }]) => (key === MERGE ? this.#merged(value) : [])))
      if (this.#found.length <= MOST_SCALARS) this.#addMap(merged, path, taken);
  }

  #merged(value: unknown): Yaml.YAMLMap[] {
    const node = this.#behind(value);
    const all = this.#yaml.isSeq(node) ? node.items.map((item) => this.#behind(item)) : [node];
    return all.filter((one) => this.#yaml.isMap(one));
  }

  #add(node: unknown, kind: PlainScalar["kind"], path: Path): void {
    if (!this.#yaml.isScalar(node) || node.tag !== undefined) return;
    const text = String(node.value);
    if (node.type === "PLAIN" || text.startsWith("\n"))
      this.#found.push({ kind, path, text, line: this.#lines.linePos(node.range?.[0] ?? 0).line });
  }

  #behind(node: unknown): unknown {
    if (!this.#yaml.isAlias(node)) return node;
    // Each look for an anchor goes through the document.
    if (!this.#anchored.has(node)) this.#anchored.set(node, node.resolve(this.#document));
    return this.#anchored.get(node);
  }

  #keyOf({ key }: Yaml.Pair): string {
    return this.#yaml.isScalar(key) ? String(key.value) : "";
  }
}
