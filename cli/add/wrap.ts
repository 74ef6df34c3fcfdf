import { isCollection, isMap, isScalar, parseDocument } from "yaml";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Wrap } from "./addition.ts";

/** Puts a value below further keys, with its comments and as it is written: only its lines move to the right. Pure. */
export function wrap(text: string, { path, below }: Wrap, file = "the stack's file"): string {
  const document = parseDocument(text, { schema: "failsafe" });
  const parent = document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1)) : undefined;
  const { key, value } = pair ?? {};
  if (!isMap(parent) || parent.flow || !isScalar(key) || !isCollection(value) || !key.range || !value.range || value.anchor)
    throw elsewhere(path.join("."), file);
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const start = text.lastIndexOf("\n", key.range[0]) + 1;
  const indent = text.slice(start, key.range[0]);
  const keys = below.map((name, at) => `${indent}${"  ".repeat(at + 1)}${name}:`);
  if (value.flow) {
    const last = keys.pop() ?? "";
    const head = text.slice(0, value.range[0]).trimEnd();
    return `${head}${eol}${[...keys, `${last} ${text.slice(value.range[0])}`].join(eol)}`;
  }
  const line = text.indexOf("\n", key.range[1]) + 1;
  const [from, end] = [text.slice(0, line), value.range[1]];
  const own = /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", value.range[0]) + 1))?.[0] ?? "";
  const by = " ".repeat(Math.max(0, indent.length + 2 * (below.length + 1) - own.length));
  const moved = text.slice(line, end).replace(/^(?=[^\r\n])/gm, by);
  return `${from}${keys.map((one) => one + eol).join("")}${moved}${text.slice(end)}`;
}

const elsewhere = (key: string, file: string): SlipwayError =>
  new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: `${file} has ${key} in a form that this command does not edit`,
    servesNow: NOTHING_TOUCHED,
    next: "write slipway:servers as a map of roles, then run this again",
  });
