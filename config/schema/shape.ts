import type { z } from "zod";
import type { ConfigPath, Key } from "./problem.ts";

type Issue = z.core.$ZodIssue;

const NOUNS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

/** Checks the shape of the value at `place`. Unknown keys are refused but do not hide other problems. */
export function readShape<S extends z.ZodType>(schema: S, value: unknown, place: ConfigPath): z.output<S> | undefined {
  const first = schema.safeParse(value, { error: explain });
  if (first.success) return first.data;
  const issues = first.error.issues.flatMap((issue) => plain(issue));
  for (const { path, message } of issues) place.at(...path).refuse(message);
  if (issues.some(({ unknown }) => !unknown)) return undefined;
  const second = schema.safeParse(
    without(
      value,
      issues.map(({ path }) => path),
    ),
  );
  return second.success ? second.data : undefined;
}

interface PlainIssue {
  readonly path: readonly Key[];
  readonly message: string;
  readonly unknown: boolean;
}

function plain(issue: Issue, above: readonly Key[] = []): PlainIssue[] {
  const path = [...above, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
  if (issue.code === "unrecognized_keys") {
    const reasons = issue.message.split("\n");
    return issue.keys.map((key, at) => ({ path: [...path, key], message: reasons[at] ?? "unknown key", unknown: true }));
  }
  if (issue.code !== "invalid_union") return [{ path, message: issue.message, unknown: false }];
  const meant = issue.errors.find((branch) => !branch.some(isOfAnotherKind));
  if (meant) return meant.flatMap((inner) => plain(inner, path));
  const messages = issue.errors.flat().map(({ message }) => message);
  const isQuotable = messages.some((message) => message.startsWith(QUOTE));
  const hint = isQuotable
    ? ": write text in quotes"
    : (messages.map((message) => /, not (?:a list|a map)$/.exec(message)?.[0]).find(Boolean) ?? "");
  return [{ path, message: `should be ${kinds(issue).join(" or ")}${hint}`, unknown: false }];
}

const isOfAnotherKind = (issue: Issue): boolean =>
  issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_union");

function kinds(issue: Issue): string[] {
  if (issue.code === "invalid_type") return [NOUNS[issue.expected] ?? issue.expected];
  if (issue.code !== "invalid_union") return [];
  return [...new Set(issue.errors.flat().filter(isOfAnotherKind).flatMap(kinds))];
}

/** What is wrong with a value, without the value: it may be a secret. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return wrongType(NOUNS[issue.expected] ?? issue.expected, issue.input);
    case "too_small":
      return issue.origin === "number" || issue.origin === "int" ? `should be at least ${issue.minimum}` : "should not be empty";
    case "too_big":
      return `should be at most ${issue.maximum}`;
    case "invalid_value":
      return `should be ${issue.values.map((value: unknown) => (value === "no" ? '"no"' : String(value))).join(" or ")}`;
    default:
      return undefined;
  }
}

const UNQUOTED: Readonly<Record<string, RegExp>> = {
  "a number": /^-?\d+(\.\d+)?$/,
  "a whole number": /^-?\d+$/,
  "true or false": /^(true|false)$/,
};

const QUOTE = "should be text: write it in quotes";

function wrongType(wanted: string, input: unknown): string {
  if (input === undefined) return "is required";
  if (input === null || input === "") return `should be ${wanted}, but is empty`;
  if (typeof input === "string" && UNQUOTED[wanted]?.test(input))
    return /^-?\d/.test(input) && !Number.isSafeInteger(Math.trunc(Number(input)))
      ? `should be ${wanted}, but is too large`
      : `should be ${wanted}: write it without quotes`;
  if (wanted === "text" && typeof input === "number" && !Number.isInteger(input))
    return `${QUOTE}, with all its digits: without them YAML reads 1.10 as 1.1`;
  if (wanted === "text" && (typeof input === "number" || typeof input === "boolean")) return QUOTE;
  return `should be ${wanted}, not ${kindOf(input)}`;
}

function kindOf(input: unknown): string {
  if (Array.isArray(input)) return "a list";
  return NOUNS[typeof input] ?? typeof input;
}

function without(value: unknown, paths: readonly (readonly Key[])[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const path of paths) {
    let parent = copy;
    for (const key of path.slice(0, -1)) parent = isTree(parent) ? parent[key] : undefined;
    const last = path.at(-1);
    if (isTree(parent) && last !== undefined) delete parent[last];
  }
  return copy;
}

const isTree = (value: unknown): value is Record<Key, unknown> => typeof value === "object" && value !== null;
