import type { Origin } from "../ruby/value.ts";
import type { Item, Path, Scalar, Tree } from "../yaml/tree.ts";
import { textNode } from "../yaml/tree.ts";
import { type Cursor, childAt, type Run } from "./run.ts";

/** What a stack takes there: `text` where numbers are texts, as labels. */
export type Kind = "any" | "text" | "number" | "list";

/** Copies a value and all below it, with its comments. Notes what has become of each part. `undefined`: nothing is left of it. */
export function copy(cursor: Cursor, run: Run, to: Path, kind: Kind = "any"): Tree | undefined {
  const { node } = cursor;
  if (kind === "list" && node.kind === "scalar") return copyAsList(cursor, run, to);
  if (node.kind === "scalar") return copyScalar(cursor, node, run, to, kind);
  if (node.kind === "list") {
    if (node.items.length === 0) run.take(cursor, to);
    const items = itemsOf(cursor, to, (child, path) => copy(child, run, path, kind === "list" ? "text" : kind));
    return { ...node, items };
  }
  if (node.entries.length === 0) run.take(cursor, to);
  const entries = node.entries.flatMap((one) => {
    const child = childAt(cursor, one.key);
    const value = child && copy(child, run, [...to, one.key], kind);
    return value === undefined ? [] : [{ ...one, value }];
  });
  return { ...node, entries };
}

/** The items of a list as `make` has them, with their comments. What is left out moves those behind it, in their paths, too. */
export function itemsOf(cursor: Cursor, to: Path, make: (child: Cursor, path: Path) => Tree | undefined): Item[] {
  const made: Item[] = [];
  if (cursor.node.kind !== "list") return made;
  for (const [at, item] of cursor.node.items.entries()) {
    const child = childAt(cursor, at);
    const value = child && make(child, [...to, made.length]);
    if (value !== undefined) made.push({ ...item, value });
  }
  return made;
}

/** `cap-add: NET_ADMIN` */
function copyAsList(cursor: Cursor, run: Run, to: Path): Tree | undefined {
  if (cursor.node.kind !== "scalar") return undefined;
  const value = scalarOf(cursor, cursor.node, run, "text", to);
  if (value === undefined) return undefined;
  run.translate(cursor, "is a list", to);
  return {
    kind: "list",
    items: [{ value: { ...value, comment: undefined } }],
    isFlow: true,
    at: value.at,
    comment: value.comment,
  };
}

function copyScalar(cursor: Cursor, node: Scalar, run: Run, to: Path, kind: Kind): Scalar | undefined {
  const before = run.findings.length;
  const value = scalarOf(cursor, node, run, kind, to);
  // A text stays what it is, in quotes where YAML needs them.
  if (value !== undefined && run.findings.length === before) run.take(cursor, to);
  return value;
}

/** The value as a stack has it. Notes only what is not simply taken. */
export function scalarOf(cursor: Cursor, node: Scalar, run: Run, kind: Kind, to: Path): Scalar | undefined {
  if (node.isUnknown) {
    run.ask(cursor, sayUnknown(node.origins, node.written), to);
    return { ...textNode(node.written, node), isUnknown: true };
  }
  if (node.is === "null") {
    run.empty(cursor);
    return undefined;
  }
  if (node.is === "time") {
    run.ask(cursor, "is a time, which Ruby prints in the time zone of the machine that deploys: write it in quotes", to);
    return textNode(node.written, node);
  }
  if (node.origins.length > 0) sayOrigins(cursor, node, run, to);
  if (kind === "number" && node.is === "text" && /^\d+(\.\d+)?$/.test(node.text)) {
    run.translate(cursor, `is a number: ${Number(node.text)}`, to);
    return { ...textNode(node.text, node), is: "float", value: Number(node.text), text: String(Number(node.text)) };
  }
  const isOther = !node.isQuoted && node.written !== node.text && node.origins.length === 0;
  if (isOther) run.translate(cursor, `${node.written} is read by Ruby as ${node.text}`, to);
  if (node.is === "text" || node.is === "symbol" || node.is === "date") return { ...node, is: "text", value: node.text };
  // 1.10 is 1.1 in Ruby, which passes it on as text.
  return node.is === "float" && kind === "text" ? { ...textNode(node.text, node), isQuoted: true } : node;
}

function sayOrigins(cursor: Cursor, node: Scalar, run: Run, to: Path): void {
  if (run.mode === "read for each run") return;
  const git = node.origins.find(({ kind }) => kind === "git");
  if (git?.kind === "git")
    run.ask(
      cursor,
      `is written as ${git.command} says now, and Kamal asks it for each deploy: remove it, or set it before each run`,
      to,
    );
  else run.translate(cursor, `is written as ${[...new Set(node.origins.map(nameOf))].join(" and ")} has it now`, to);
}

const nameOf = (origin: Origin): string =>
  origin.kind === "env" || origin.kind === "unset" ? `$${origin.name}` : origin.kind === "file" ? origin.path : "Ruby";

/** What to do about a value that cannot be known. */
export function sayUnknown(origins: readonly Origin[], written: string): string {
  const unset = origins.find(({ kind }) => kind === "unset");
  if (unset?.kind === "unset")
    return `$${unset.name} is not set here: set it, and run this again, or write its value in the place of ${written}`;
  const missing = origins.find(({ kind }) => kind === "missing");
  if (missing?.kind === "missing")
    return `is in the file ${missing.path}, which is not here: write its value in the place of ${written}`;
  const command = origins.find(({ kind }) => kind === "command");
  if (command?.kind === "command")
    return `is printed by \`${command.command}\`, which an import does not run: write its value in the place of ${written}`;
  const ruby = origins.find(({ kind }) => kind === "ruby");
  return `is Ruby that an import does not run${ruby?.kind === "ruby" ? ` (${ruby.code})` : ""}: write its value in the place of ${written}`;
}
