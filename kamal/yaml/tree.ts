import type { Origin } from "../ruby/value.ts";
import type { Place } from "../source/place.ts";
import type { PlainValue } from "./psych.ts";

/** A key of a map, or the number of an item from 0. */
export type Key = string | number;
export type Path = readonly Key[];

/** A value of a file, with its place, its comments and what ERB has made of it. */
export type Tree = Scalar | MapNode | ListNode;

interface Node {
  readonly at: Place;
  /** Behind the value, on its line. */
  readonly comment?: string | undefined;
}

export interface Scalar extends Node, PlainValue {
  readonly kind: "scalar";
  /** As it is written, without quotes. */
  readonly written: string;
  readonly isQuoted: boolean;
  readonly origins: readonly Origin[];
  /** What must be written in its place, since it is unknown: `<SERVER_IP>`. */
  readonly isUnknown: boolean;
}

/** The lines above an entry or an item. */
export interface Above {
  readonly above?: string | undefined;
  /** Whether there is an empty line before it. */
  readonly isApart?: boolean;
}

export interface Entry extends Above {
  readonly key: string;
  readonly at: Place;
  readonly value: Tree;
}

export interface Item extends Above {
  readonly value: Tree;
}

export interface MapNode extends Node {
  readonly kind: "map";
  readonly entries: readonly Entry[];
  readonly isFlow: boolean;
  /** Behind its last entry. */
  readonly below?: string | undefined;
}

export interface ListNode extends Node {
  readonly kind: "list";
  readonly items: readonly Item[];
  readonly isFlow: boolean;
}

/** A leaf of a file: a scalar, or a map or list without anything in it. */
export interface Leaf {
  readonly path: Path;
  readonly node: Tree;
}

export function leavesOf(node: Tree, path: Path = []): Leaf[] {
  const below = childrenOf(node).flatMap(([key, child]) => leavesOf(child, [...path, key]));
  return below.length === 0 ? [{ path, node }] : below;
}

export function childrenOf(node: Tree): [Key, Tree][] {
  if (node.kind === "map") return node.entries.map(({ key, value }) => [key, value]);
  return node.kind === "list" ? node.items.map(({ value }, at) => [at, value]) : [];
}

export function nodeAt(node: Tree, path: Path): Tree | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return node;
  const child = childrenOf(node).find(([name]) => name === key)?.[1];
  return child && nodeAt(child, rest);
}

/** The value as JavaScript has it. Numbers and texts are as Ruby reads them. */
export function plainOf(node: Tree): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(({ value }) => plainOf(value));
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainOf(value)]));
}

/** A text as a value of the new file, at the place of what it was made of. */
export const textNode = (text: string, { at, comment }: Pick<Tree, "at" | "comment">): Scalar => ({
  kind: "scalar",
  is: "text",
  value: text,
  text,
  written: text,
  isQuoted: false,
  origins: [],
  isUnknown: false,
  at,
  comment,
});

/** A number or boolean. */
export const valueNode = (value: number | boolean, like: Pick<Tree, "at" | "comment">): Scalar => ({
  ...textNode(String(value), like),
  is: typeof value === "number" ? "integer" : "boolean",
  value,
});

export const listNode = (values: readonly Tree[], { at, comment }: Pick<Tree, "at" | "comment">, isFlow = false): ListNode => ({
  kind: "list",
  items: values.map((value) => ({ value })),
  isFlow,
  at,
  comment,
});

export const mapNode = (entries: readonly Entry[], { at, comment }: Pick<Tree, "at" | "comment">): MapNode => ({
  kind: "map",
  entries,
  isFlow: false,
  at,
  comment,
});

/** @example entry("app_port", valueNode(3000, node)) */
export const entry = (key: string, value: Tree, above: Above = {}): Entry => ({ ...above, key, at: value.at, value });

/** A path as messages name it. @example pathText(["servers", "web", "hosts", 0]) // "servers.web.hosts[0]" */
export const pathText = (path: Path): string =>
  path.map((key, at) => (typeof key === "number" ? `[${key}]` : at === 0 ? key : `.${key}`)).join("");
