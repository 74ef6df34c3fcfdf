import {
  type Document,
  isAlias,
  isMap as isMapNode,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { behindKey, inline, isBlock, keyText } from "./yaml-text.ts";

/** One value to set or remove; without `to` it is removed. */
export interface Edit {
  readonly path: readonly string[];
  readonly to?: unknown;
}

/** A value for the end of a list, which is made if it is missing. */
export interface Append {
  readonly path: readonly string[];
  readonly append: unknown;
}

/**
 * Sets and removes values in the text of a YAML file. Every byte outside of these values stays, comments and line ends included. New
 * texts are in double quotes. Pure.
 *
 * Throws for a file in which a value is not written where it is used: anchors, aliases, merge keys and tags.
 */
export function edit(text: string, edits: readonly Edit[], file = "the stack's file"): string {
  requirePlain(parse(text, file), file);
  return editAround(text, edits, file);
}

/**
 * The same for a file with anchors, aliases, merge keys and tags: all of them stay. Throws where a change would be one of something that is
 * also used elsewhere.
 */
export const editAround = (text: string, edits: readonly (Edit | Append)[], file = "the stack's file"): string =>
  edits.reduce((edited, change) => {
    const document = new Text(edited, parse(edited, file), file);
    if ("append" in change) return document.append(change.path, change.append);
    return change.to === undefined ? document.remove(change.path) : document.set(change.path, change.to);
  }, text);

type Map = YAMLMap<unknown, unknown>;

/** Scalars are left as they are: what kind of value they are differs between the versions of YAML. */
function parse(text: string, file: string): Document {
  const document = parseDocument(text, { schema: "failsafe", keepSourceTokens: true });
  const [error] = document.errors;
  if (error !== undefined) throw unsupported(file, error.message.split("\n", 1)[0] ?? "");
  return document;
}

function requirePlain(document: Document, file: string): void {
  const refuse = (what: string) => {
    throw unsupported(file, what);
  };
  visit(document, {
    Alias: (_key, { source }) => refuse(`the alias *${source}`),
    Node: (_key, { anchor, tag }) => {
      if (anchor !== undefined) refuse(`the anchor &${anchor}`);
      if (tag !== undefined) refuse(`the tag ${tag}`);
    },
    Pair: (_key, { key }) => {
      if (!isScalar(key)) refuse("a key that is not a text");
      else if (key.value === "<<" && key.type === "PLAIN") refuse("the merge key <<");
    },
  });
}

const unsupported = (file: string, what: string): SlipwayError =>
  new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: `${file} uses YAML that this command does not edit: ${what}`,
    servesNow: NOTHING_TOUCHED,
    next: "write each value where it is used, then run this again; or restore the file from version control, and run slipway deploy",
  });

/** A text with its tree, for one change. */
class Text {
  readonly #text: string;
  readonly #root: Document;
  readonly #file: string;
  readonly #eol: string;

  constructor(text: string, root: Document, file: string) {
    this.#text = text;
    this.#root = root;
    this.#file = file;
    this.#eol = text.includes("\r\n") ? "\r\n" : "\n";
  }

  set(path: readonly string[], to: unknown): string {
    const { contents } = this.#root;
    if (contents === null) return `${this.#text}${this.#startOfLine(this.#text.length)}${this.#pairAt("", nested(path, to))}`;
    let map = this.#mapOf(contents);
    for (const [at, key] of path.entries()) {
      const pair = pairOf(map, key);
      const rest = path.slice(at + 1);
      if (pair === undefined) return this.#insert(map, { [key]: nested(rest, to) });
      if (rest.length === 0) this.#requireOwn(pair.value);
      if (rest.length === 0 || isEmpty(pair.value)) return this.#replace(map, pair, nested(rest, to));
      map = this.#mapOf(pair.value);
    }
    return this.#text;
  }

  append(path: readonly string[], value: unknown): string {
    const list = this.#root.getIn(path, true);
    if (!isSeq(list)) return this.set(path, [value]);
    this.#requireOwn(list);
    const last = list.items.at(-1);
    if (list.flow) {
      if (last === undefined) return this.#splice(rangeOf(list), inline([value]));
      return this.#splice([rangeOf(last)[1], rangeOf(last)[1]], `, ${inline(value)}`);
    }
    const start = this.#lineOf(rangeOf(last)[0]);
    const indent = /^\s*/.exec(this.#text.slice(start))?.[0] ?? "";
    return this.#addLines(this.#endOfNode(last), `${indent}- ${inline(value)}${this.#eol}`);
  }

  remove(path: readonly string[]): string {
    const parents = path.slice(0, -1);
    let map = this.#root.contents === null ? undefined : this.#mapOf(this.#root.contents);
    for (const key of parents) {
      const value = map === undefined ? undefined : pairOf(map, key)?.value;
      map = isMapNode(value) ? value : undefined;
    }
    const pair = map && pairOf(map, path.at(-1) ?? "");
    if (map === undefined || pair === undefined) return this.#text;
    if (map.items.length === 1) return parents.length === 0 ? this.#splice(rangeOf(map), "{}") : this.set(parents, {});
    if (!map.flow) return this.#splice([this.#lineOf(keyRange(pair)[0]), this.#endOf(pair)], "");
    const at = map.items.indexOf(pair);
    const [before, after] = [map.items[at - 1], map.items[at + 1]];
    if (before !== undefined) return this.#splice([lastOf(before), lastOf(pair)], "");
    return this.#splice([keyRange(pair)[0], after === undefined ? lastOf(pair) : keyRange(after)[0]], "");
  }

  /** Puts a value in the place of another. */
  #replace(map: Map, pair: Pair, to: unknown): string {
    const colon = colonOf(pair);
    const { value } = pair;
    const own = isEmpty(value) ? undefined : rangeOf(value);
    const isFlow = map.flow === true || (isCollectionNode(value) && value.flow === true);
    if (own !== undefined && isInline(value) && (isFlow || !isBlock(to))) return this.#splice(own, inline(to));
    if (isFlow) return this.#splice([colon, colon], `${this.#text[colon - 1] === ":" ? "" : ":"} ${inline(to)}`);
    const indent = `${this.#indentOf(pair)}  `;
    const line = this.#endOfLine(colon);
    if (own === undefined || isInline(value)) {
      // What follows on the line is a comment, which stays there.
      const end = own === undefined ? colon : own[1];
      const rest = this.#text.slice(end, this.#endOfLine(end)).trimEnd();
      if (!isBlock(to)) return this.#splice([colon, colon], behindKey(to, indent, this.#eol));
      return this.#splice([colon, this.#endOfLine(end)], `${rest}${behindKey(to, indent, this.#eol)}`);
    }
    const header = this.#text.slice(colon, line).trimEnd();
    const comment = isScalar(value) ? "" : header;
    const text = isBlock(to) ? `${comment}${behindKey(to, indent, this.#eol)}` : `${behindKey(to, indent, this.#eol)}${comment}`;
    return this.#splice([colon, own[1]], `${text}${this.#text[own[1] - 1] === "\n" ? this.#eol : ""}`);
  }

  /** Adds a pair as the last one of a map. */
  #insert(map: Map, pair: Readonly<Record<string, unknown>>): string {
    const last = map.items.at(-1);
    if (map.flow) {
      if (last === undefined) return this.#splice(rangeOf(map), inline(pair));
      return this.#splice([lastOf(last), lastOf(last)], `, ${inline(pair).slice(1, -1)}`);
    }
    if (last === undefined) throw unsupported(this.#file, "an empty map without braces");
    if (pairOf(map, "<<") !== undefined) throw unsupported(this.#file, "the merge key << in a map that would get a key");
    return this.#addLines(this.#endOf(last), this.#pairAt(this.#indentOf(last), pair));
  }

  /** @param end the start of a line, or the end of a text whose last line has no line break: then it gets none again */
  #addLines(end: number, lines: string): string {
    const isLastLine = end === this.#text.length && this.#text.at(-1) !== "\n";
    return this.#splice([end, end], isLastLine ? this.#eol + lines.trimEnd() : lines);
  }

  #pairAt(indent: string, pair: unknown): string {
    const [[key, value] = ["", undefined]] = Object.entries(pair ?? {});
    return `${indent}${keyText(key)}:${behindKey(value, `${indent}  `, this.#eol)}${this.#eol}`;
  }

  /** A change of what has a name, or is used by one, would be a change in two places. */
  #requireOwn(node: unknown): void {
    if (isAlias(node)) throw unsupported(this.#file, `the alias *${node.source}`);
    if (!isNode(node) || !("anchor" in node) || node.anchor === undefined) return;
    const { anchor } = node;
    visit(this.#root, {
      Alias: (_key, { source }) => {
        if (source === anchor) throw unsupported(this.#file, `the anchor &${anchor}, which is used elsewhere`);
      },
    });
  }

  #mapOf(node: unknown): Map {
    this.#requireOwn(node);
    if (isMapNode(node)) return node;
    throw unsupported(this.#file, "a value where a map is expected");
  }

  #splice([from, to]: readonly [number, number], text: string): string {
    return this.#text.slice(0, from) + text + this.#text.slice(to);
  }

  #lineOf(offset: number): number {
    return this.#text.lastIndexOf("\n", offset - 1) + 1;
  }

  /** Where the line ends, before its line break. */
  #endOfLine(offset: number): number {
    const end = /\r?\n/.exec(this.#text.slice(offset));
    return end === null ? this.#text.length : offset + end.index;
  }

  #startOfLine(offset: number): string {
    return offset === 0 || this.#text[offset - 1] === "\n" ? "" : this.#eol;
  }

  #indentOf(pair: unknown): string {
    const start = keyRange(pair)[0];
    return this.#text.slice(this.#lineOf(start), start);
  }

  /** The start of the line behind a pair of a block. */
  #endOf(pair: Pair): number {
    return this.#startAfter(isEmpty(pair.value) ? colonOf(pair) : rangeOf(pair.value)[1]);
  }

  #endOfNode(node: unknown): number {
    return this.#startAfter(rangeOf(node)[1]);
  }

  /** Of the line behind a place. */
  #startAfter(end: number): number {
    if (this.#text[end - 1] === "\n") return end;
    const line = this.#text.indexOf("\n", end);
    return line < 0 ? this.#text.length : line + 1;
  }
}

/** @example nested(["clear", "COLOR"], "red") // { clear: { COLOR: "red" } } */
const nested = (path: readonly string[], to: unknown): unknown => path.reduceRight((inner, key) => ({ [key]: inner }), to);

const pairOf = (map: Map, key: string): Pair | undefined =>
  map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);

type Range = readonly [number, number];

const rangeOf = (node: unknown): Range => {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  if (!Array.isArray(range)) throw new TypeError("a YAML node without a place in its text");
  return [Number(range[0]), Number(range[1])];
};

const keyRange = (pair: unknown): Range =>
  rangeOf(typeof pair === "object" && pair !== null && "key" in pair ? pair.key : undefined);

const lastOf = (pair: Pair): number => (isEmpty(pair.value) ? colonOf(pair) : rangeOf(pair.value)[1]);

/** Behind the colon of a pair, or behind its key in a flow map that has none. */
function colonOf(pair: Pair): number {
  const { srcToken } = pair;
  const sep = srcToken !== undefined && "sep" in srcToken ? (srcToken.sep ?? []) : [];
  const colon = sep.find(({ type }) => type === "map-value-ind");
  return colon === undefined ? keyRange(pair)[1] : colon.offset + 1;
}

const isCollectionNode = (node: unknown): node is { flow?: boolean } =>
  typeof node === "object" && node !== null && "items" in node;

/** Nothing, or nothing but a comment. */
const isEmpty = (node: unknown): boolean =>
  node === null || node === undefined || (isScalar(node) && rangeOf(node)[0] === rangeOf(node)[1]);

/** Whether a value ends on the line of its text, so that a comment may follow it. */
const isInline = (node: unknown): boolean =>
  isScalar(node) ? !["BLOCK_LITERAL", "BLOCK_FOLDED"].includes(node.type ?? "") : isCollectionNode(node) && node.flow === true;
