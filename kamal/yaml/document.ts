import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import type { Document, Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import { MARKED, type Rendered } from "../ruby/template.ts";
import { isKnown } from "../ruby/value.ts";
import type { Place } from "../source/place.ts";
import { plainValue } from "./psych.ts";
import type { Entry, Item, MapNode, Scalar, Tree } from "./tree.ts";

let loaded: typeof Yaml | undefined;

/** Loaded at its first use: a stack whose config is in no file of Kamal does not need it. */
function yaml(): typeof Yaml {
  loaded ??= createRequire(import.meta.url)("yaml") as typeof Yaml;
  return loaded;
}

/** A file that is not YAML. */
export class NotYaml extends Error {
  readonly at: Place;

  constructor(message: string, at: Place) {
    super(message);
    this.at = at;
  }
}

/** A key that is written twice in one map: Ruby takes the last one. */
export interface Repeated {
  readonly key: string;
  readonly at: Place;
  readonly by: Place;
}

export interface Parsed {
  readonly root: MapNode;
  readonly repeated: readonly Repeated[];
}

const DEEPEST = 100;
const MOST_NODES = 100_000;

/** Reads a rendered file as Ruby's YAML does. Throws `NotYaml`. */
export function parse(rendered: Rendered, file: string): Parsed {
  const reader = new Reader(rendered, file);
  return { root: reader.root(), repeated: reader.repeated };
}

class Reader {
  readonly repeated: Repeated[] = [];
  readonly #rendered: Rendered;
  readonly #file: string;
  readonly #lines = new (yaml().LineCounter)();
  readonly #document: Document;
  #count = 0;

  constructor(rendered: Rendered, file: string) {
    this.#rendered = rendered;
    this.#file = file;
    // Every text as it is: Ruby reads numbers and words in its own way.
    this.#document = yaml().parseDocument(rendered.text, {
      schema: "failsafe",
      lineCounter: this.#lines,
      uniqueKeys: false,
      logLevel: "silent",
    });
    const [error] = this.#document.errors;
    if (error !== undefined)
      throw new NotYaml(error.message.replace(/ at line \d+, column \d+:[\s\S]*$/, ""), this.#placeAt(error.pos[0]));
  }

  root(): MapNode {
    const { contents, commentBefore } = this.#document;
    const at = { file: this.#file, line: 1 };
    if (contents === null || (yaml().isScalar(contents) && contents.value === ""))
      return { kind: "map", entries: [], isFlow: false, at };
    const root = this.#tree(contents, 0);
    if (root.kind !== "map") throw new NotYaml("should be a map of keys", root.at);
    const [first, ...rest] = root.entries;
    if (first === undefined || !commentBefore) return root;
    return { ...root, entries: [{ ...first, above: joined(commentBefore, first.above) }, ...rest] };
  }

  #tree(given: Node, depth: number): Tree {
    if (depth > DEEPEST || ++this.#count > MOST_NODES) throw new NotYaml("is nested too deeply", this.#placeOf(given));
    if (yaml().isAlias(given)) {
      const node = given.resolve(this.#document);
      if (node === undefined) throw new NotYaml(`has no anchor &${given.source}`, this.#placeOf(given));
      return this.#tree(node, depth + 1);
    }
    if (yaml().isMap(given)) return this.#map(given, depth);
    if (yaml().isSeq(given)) return this.#list(given, depth);
    return this.#scalar(given);
  }

  #map(map: YAMLMap, depth: number): MapNode {
    const entries = new Map<string, Entry>();
    for (const [at, pair] of map.items.entries()) {
      const above = joined(
        at === 0 ? map.commentBefore : undefined,
        yaml().isScalar(pair.key) ? pair.key.commentBefore : undefined,
      );
      this.#add(pair as Pair<Node, Node | null>, above, entries, depth);
    }
    return {
      kind: "map",
      entries: [...entries.values()],
      isFlow: map.flow === true,
      at: this.#placeOf(map),
      below: map.comment ?? undefined,
      comment: undefined,
    };
  }

  #add({ key, value }: Pair<Node, Node | null>, above: string | undefined, entries: Map<string, Entry>, depth: number): void {
    const place = this.#placeOf(key);
    const name = this.#tree(key, depth + 1);
    if (name.kind !== "scalar") throw new NotYaml("has a key that is not a text", place);
    const tree = value === null ? this.#nothing(place) : this.#tree(value, depth + 1);
    if (name.text === "<<" && !name.isQuoted && tree.kind !== "scalar") {
      // Psych merges where it finds the key: what is above it is replaced.
      const maps = tree.kind === "list" ? tree.items.map(({ value: one }) => one).toReversed() : [tree];
      for (const one of maps) if (one.kind === "map") for (const merged of one.entries) entries.set(merged.key, merged);
      return;
    }
    const before = entries.get(name.text);
    if (before !== undefined && before.at.line !== place.line) this.repeated.push({ key: name.text, at: before.at, by: place });
    const isApart = yaml().isScalar(key) && key.spaceBefore === true;
    entries.set(name.text, { key: name.text, at: place, above, isApart, value: tree });
  }

  #list(list: YAMLSeq, depth: number): Tree {
    const items = list.items.map((item, at): Item => {
      const node = item as Node;
      const above = joined(at === 0 ? list.commentBefore : undefined, node.commentBefore);
      return { above, isApart: node.spaceBefore === true, value: this.#tree(node, depth + 1) };
    });
    return { kind: "list", items, isFlow: list.flow === true, at: this.#placeOf(list), comment: undefined };
  }

  #scalar(node: Node): Scalar {
    const at = this.#placeOf(node);
    const raw = yaml().isScalar(node) ? String(node.value ?? "") : "";
    const isQuoted = yaml().isScalar(node) && node.type !== "PLAIN" && node.type !== undefined;
    const [from = 0, to = 0] = node.range ?? [];
    const origins = this.#rendered.written
      .filter((one) => one.from < Math.max(to, from + 1) && one.to > from)
      .flatMap((one) => one.origins);
    const written = raw.replaceAll(MARKED, "$1");
    const isUnknown = written !== raw || origins.some((origin) => !isKnown(origin));
    const tag = yaml().isScalar(node) ? node.tag : undefined;
    const isText = isQuoted || isUnknown || tag === "tag:yaml.org,2002:str" || tag === "!!str";
    const read = isText ? { is: "text" as const, value: written, text: written } : plainValue(written);
    return { kind: "scalar", ...read, written, isQuoted, origins, isUnknown, at, comment: node.comment ?? undefined };
  }

  #nothing(at: Place): Scalar {
    return {
      kind: "scalar",
      ...plainValue(""),
      written: "",
      isQuoted: false,
      origins: [],
      isUnknown: false,
      at,
      comment: undefined,
    };
  }

  #placeOf(node: Node): Place {
    return this.#placeAt(node.range?.[0] ?? 0);
  }

  #placeAt(offset: number): Place {
    const { line } = this.#lines.linePos(offset);
    return { file: this.#file, line: this.#rendered.lines[line - 1] ?? line };
  }
}

const joined = (...comments: readonly (string | null | undefined)[]): string | undefined => {
  const said = comments.filter((one) => one);
  return said.length === 0 ? undefined : said.join("\n");
};
