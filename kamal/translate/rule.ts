import type { Entry, MapNode, Path, Tree } from "../yaml/tree.ts";
import { entry, pathText } from "../yaml/tree.ts";
import { copy, type Kind } from "./copy.ts";
import { type Cursor, childAt, type Run } from "./run.ts";

/** How a key of Kamal is taken; the table of docs/kamal.md shows it. */
export type Status = "same" | "translated" | "not needed" | "by hand";

/** What becomes of one key of Kamal. */
export interface Rule<C = unknown> {
  readonly status: Status;
  /** For the documentation: what is different. */
  readonly note: string;
  /** The key's entries in the stack: mostly one. */
  readonly apply: (cursor: Cursor, run: Run, place: Target, context: C) => readonly Entry[];
  /** The keys below. */
  readonly below?: Rules<never>;
}

export type Rules<C = unknown> = Readonly<Record<string, Rule<C>>>;

/** Where a key goes. */
export interface Target {
  /** Of the map that it goes into. */
  readonly to: Path;
  readonly key: string;
}

/** Its value and name are the same in a stack. */
export const same = (kind: Kind = "any", note = ""): Rule<unknown> => as(undefined, kind, note, "same");

/** It has another name. */
export function as(name: string | undefined, kind: Kind = "any", note = "", status: Status = "translated"): Rule<unknown> {
  return {
    status,
    note: name === undefined ? note : `\`${name}\`${note === "" ? "" : `; ${note}`}`,
    apply: (cursor, run, { to, key }) => {
      const own = name ?? key;
      const value = copy(cursor, run, [...to, own], kind);
      return value === undefined ? [] : [entry(own, value)];
    },
  };
}

/** Nothing has to be written for it. */
export const unneeded = (reason: string): Rule<unknown> => ({
  status: "not needed",
  note: reason,
  apply: (cursor, run) => {
    run.translate(cursor, `not needed: ${reason}`);
    return [];
  },
});

/** It has no counterpart that could be written without a person. */
export const byHand = (says: string): Rule<unknown> => ({
  status: "by hand",
  note: says,
  apply: (cursor, run) => {
    run.ask(cursor, says);
    return [];
  },
});

export const translated = <C = unknown>(note: string, apply: Rule<C>["apply"], below?: Rules<never>): Rule<C> => ({
  status: "translated",
  note,
  apply,
  ...(below === undefined ? {} : { below }),
});

/** A section with keys of its own, which stays a section of this name. */
export const section = <C>(rules: Rules<C>, note = ""): Rule<C> => ({
  status: "same",
  note,
  below: rules,
  apply: (cursor, run, { to, key }, context) => {
    const entries = translateKeys(cursor, rules, run, [...to, key], context);
    const comment = cursor.node.comment;
    return entries === undefined || entries.length === 0
      ? []
      : [
          entry(key, {
            kind: "map",
            entries,
            isFlow: cursor.node.kind === "map" && cursor.node.isFlow,
            at: cursor.node.at,
            comment,
          }),
        ];
  },
});

/**
 * All keys of a section by their rules, with their comments and in their order.
 *
 * @returns `undefined` if it is no map, which is noted
 */
export function translateKeys<C>(cursor: Cursor, rules: Rules<C>, run: Run, to: Path, context: C): Entry[] | undefined {
  const node = mapIn(cursor, run, `should be a map of keys, as in Kamal's documentation of ${pathText(cursor.path)}`);
  if (node === undefined) return undefined;
  if (node.entries.length === 0) run.empty(cursor);
  const made = node.entries.flatMap(({ key, above, isApart }) => {
    const child = childAt(cursor, key);
    if (child === undefined) return [];
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) {
      run.ask(child, unknownKey(key, Object.keys(rules)));
      return [];
    }
    const before = run.findings.length;
    const entries = rule.apply(child, run, { to, key }, context);
    if (run.findings.length === before && isEmpty(child.node)) run.empty(child);
    return entries.map((one, at) =>
      at === 0 ? { ...one, above: one.above ?? above, isApart: one.isApart ?? isApart ?? false } : one,
    );
  });
  return together(made);
}

/** The map that is written; `undefined`: there is nothing, or something else, which is noted. */
export function mapIn(cursor: Cursor, run: Run, says: string): MapNode | undefined {
  const { node } = cursor;
  if (node.kind === "map") return node;
  if (node.kind === "scalar" && node.is === "null") run.empty(cursor);
  else run.ask(cursor, says);
  return undefined;
}

/** A map or list without anything in it. */
export const isEmpty = (node: Tree): boolean =>
  (node.kind === "map" && node.entries.length === 0) || (node.kind === "list" && node.items.length === 0);

const unknownKey = (key: string, known: readonly string[]): string => {
  const meant = known.find((one) => one.replace(/[-_]/g, "") === key.replace(/[-_]/g, "").toLowerCase());
  return meant === undefined
    ? "no version of Kamal has this key: remove it"
    : `no version of Kamal has this key: ${meant} is meant`;
};

/** Entries of one name are one: their maps and lists are joined; of other values the first stays. */
export function together(entries: readonly Entry[]): Entry[] {
  const all = new Map<string, Entry>();
  for (const one of entries) {
    const before = all.get(one.key);
    all.set(one.key, before === undefined ? one : { ...before, value: joined(before.value, one.value) });
  }
  return [...all.values()];
}

function joined(first: Tree, second: Tree): Tree {
  if (first.kind === "map" && second.kind === "map")
    return { ...first, entries: together([...first.entries, ...second.entries]) };
  return first.kind === "list" && second.kind === "list" ? { ...first, items: [...first.items, ...second.items] } : first;
}
