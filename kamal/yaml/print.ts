import { plainValue } from "./psych.ts";
import type { Entry, Item, Scalar, Tree } from "./tree.ts";

/**
 * A tree as YAML that Pulumi reads as the same values, with the comments of the tree.
 *
 * @param indent of its lines: `"  "`
 */
export function printMap(entries: readonly Entry[], indent = ""): string {
  return entries
    .map((entry, at) => above(entry, indent, at) + indent + keyText(entry.key) + behindKey(entry.value, indent))
    .join("");
}

function above({ above: comment, isApart }: Pick<Entry, "above" | "isApart">, indent: string, at: number): string {
  const lines = comment === undefined ? [] : comment.split("\n").map((line) => (line.trim() === "" ? "" : `${indent}#${line}`));
  return `${isApart && at > 0 ? "\n" : ""}${lines.map((line) => `${line}\n`).join("")}`;
}

/** From the colon to the end of the value's last line. */
function behindKey(value: Tree, indent: string): string {
  if (isInline(value)) return `: ${inline(value)}${behind(value)}\n`;
  if (value.kind === "map")
    return `:${behind(value)}\n${printMap(value.entries, `${indent}  `)}${last(value.below, `${indent}  `)}`;
  return value.kind === "list" ? `:${behind(value)}\n${printItems(value.items, `${indent}  `)}` : "";
}

function printItems(items: readonly Item[], indent: string): string {
  return items
    .map((item, at) => {
      const { value } = item;
      if (isInline(value)) return `${above(item, indent, at)}${indent}- ${inline(value)}${behind(value)}\n`;
      const inner =
        value.kind === "map"
          ? printMap(value.entries, `${indent}  `)
          : value.kind === "list"
            ? printItems(value.items, `${indent}  `)
            : "";
      return `${above(item, indent, at)}${indent}- ${inner.slice(indent.length + 2)}`;
    })
    .join("");
}

const last = (comment: string | undefined, indent: string): string =>
  comment === undefined
    ? ""
    : comment
        .split("\n")
        .map((line) => `${indent}#${line}\n`)
        .join("");

const behind = ({ comment }: Tree): string => (comment === undefined ? "" : ` #${comment.split("\n", 1)[0]}`);

const hasComments = (value: Tree): boolean => {
  if (value.kind === "map")
    return value.below !== undefined || value.entries.some((one) => one.above !== undefined || one.value.comment !== undefined);
  return value.kind === "list" && value.items.some((one) => one.above !== undefined || one.value.comment !== undefined);
};

/** Whether it is written on the line of its key. */
function isInline(value: Tree): boolean {
  if (value.kind === "scalar") return true;
  const isEmpty = value.kind === "map" ? value.entries.length === 0 : value.items.length === 0;
  return isEmpty || (value.isFlow && !hasComments(value));
}

function inline(value: Tree): string {
  if (value.kind === "scalar") return scalarText(value);
  if (value.kind === "list") return `[${value.items.map((item) => inline(item.value)).join(", ")}]`;
  if (value.entries.length === 0) return "{}";
  return `{ ${value.entries.map(({ key, value: inner }) => `${keyText(key)}: ${inline(inner)}`).join(", ")} }`;
}

function scalarText({ value, text, isQuoted, written }: Scalar): string {
  if (typeof value === "number" || typeof value === "boolean") return text;
  const isTaken = isQuoted && text === written;
  return isTaken || !isPlain(text) ? JSON.stringify(text) : text;
}

const keyText = (key: string): string => (isPlain(key) ? key : JSON.stringify(key));

/** Whether every YAML reads the text as itself without quotes. */
function isPlain(text: string): boolean {
  if (!/^[A-Za-z0-9./_$~@%+(<][^\n\t]*$/.test(text) || /^~$|^%|^@|^\.$/.test(text)) return false;
  if (/: |:$| #|[,[\]{}]|\s$|["\\]/.test(text)) return false;
  return plainValue(text).is === "text" && !LIKE_A_NUMBER.test(text) && !/^(?:y|n|true|false|null)$/i.test(text);
}

/** In the YAML of Go, which Pulumi has: octal with an o, exponents without a point, and what has an underscore. */
const LIKE_A_NUMBER = /^[-+]?(?:\.?\d[\d_]*(?:\.[\d_]*)?(?:e[-+]?\d+)?|0[xob][\da-f_]+|\.inf|\.nan|<<)$/i;
