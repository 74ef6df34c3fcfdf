import { NotUnderstood } from "./tokens.ts";
import { inspect, isList, isTrue, type Ruby, textOf } from "./value.ts";

type Method = (value: Ruby, args: readonly Ruby[]) => Ruby;

const isBlank = (value: Ruby): boolean =>
  !isTrue(value) || (typeof value === "string" && value.trim() === "") || (isList(value) && value.length === 0);

/** On anything. */
const OF_ALL: Readonly<Record<string, Method>> = {
  to_s: textOf,
  inspect,
  to_json: (value) =>
    value === null ? "null" : typeof value === "string" || isList(value) ? JSON.stringify(value) : textOf(value),
  "nil?": (value) => value === null,
  "blank?": isBlank,
  "present?": (value) => !isBlank(value),
  presence: (value) => (isBlank(value) ? null : value),
};

const OF_TEXT: Readonly<Record<string, (text: string, args: readonly Ruby[]) => Ruby>> = {
  strip: (text) => text.trim(),
  chomp: (text) => text.replace(/\r?\n$/, ""),
  lstrip: (text) => text.trimStart(),
  rstrip: (text) => text.trimEnd(),
  downcase: (text) => text.toLowerCase(),
  upcase: (text) => text.toUpperCase(),
  to_sym: (text) => text,
  to_i: (text) => Number(/^\s*[-+]?\d+/.exec(text)?.[0] ?? 0),
  to_f: (text) => Number(/^\s*[-+]?\d+(?:\.\d+)?/.exec(text)?.[0] ?? 0),
  length: (text) => text.length,
  "empty?": (text) => text === "",
  "include?": (text, [part = ""]) => text.includes(textOf(part)),
  "start_with?": (text, starts) => starts.some((start) => text.startsWith(textOf(start))),
  "end_with?": (text, ends) => ends.some((end) => text.endsWith(textOf(end))),
  split: (text, [by]) => withoutLastEmpty(by === undefined ? text.trim().split(/\s+/) : text.split(textOf(by))),
};

const OF_LIST: Readonly<Record<string, (list: readonly Ruby[], args: readonly Ruby[]) => Ruby>> = {
  join: (list, [by = ""]) => list.map(textOf).join(textOf(by)),
  first: (list) => list[0] ?? null,
  last: (list) => list.at(-1) ?? null,
  "empty?": (list) => list.length === 0,
  "any?": (list) => list.some(isTrue),
  "include?": (list, [item = null]) => list.includes(item),
  map: (list, [method]) => list.map((item) => callMethod(item, textOf(method ?? null), [])),
  reject: (list, [method]) => list.filter((item) => !isTrue(callMethod(item, textOf(method ?? null), []))),
  compact: (list) => list.filter((item) => item !== null),
  uniq: (list) => [...new Set(list)],
  to_a: (list) => list,
};

/** Calls one of the methods that an import knows. */
export function callMethod(value: Ruby, name: string, args: readonly Ruby[]): Ruby {
  const own = methodIn(OF_ALL, name);
  if (own !== undefined) return own(value, args);
  const ofText = methodIn(OF_TEXT, name);
  const ofList = methodIn(OF_LIST, name);
  if (typeof value === "string" && ofText !== undefined) return ofText(value, args);
  if (isList(value) && ofList !== undefined) return ofList(value, args);
  // As on a variable that is not set: Ruby stops there, and the import says which one it is.
  if (value === null && (ofText ?? ofList) !== undefined) return null;
  if (typeof value === "number" && (name === "to_i" || name === "to_f")) return value;
  throw new NotUnderstood(name);
}

/** Not what every object of JavaScript has. */
const methodIn = <T>(methods: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(methods, name) ? methods[name] : undefined;

const withoutLastEmpty = (parts: readonly string[]): string[] => {
  const last = parts.findLastIndex((part) => part !== "");
  return parts.slice(0, last + 1);
};
