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
  // The values are for `hintOf`; no message has one.
  const first = schema.safeParse(value, { error: explain, reportInput: true });
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
  return [{ path, message: `should be ${kinds(issue).join(" or ")}${hintOf(issue.errors.flat())}`, unknown: false }];
}

/** What to write instead, where one of several kinds was meant. */
function hintOf(issues: readonly Issue[]): string {
  const wrong = issues.flatMap((issue) => (issue.code === "invalid_type" ? [{ ...issue, why: mistakeIn(issue) }] : []));
  if (wrong.some(({ why }) => why === "digits" || why === "no quotes")) return ": write text in quotes";
  const tree = wrong.find(({ why, input }) => why === "kind" && isTree(input));
  return tree === undefined ? "" : `, not ${kindOf(tree.input)}`;
}

const isOfAnotherKind = (issue: Issue): boolean =>
  issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_union");

function kinds(issue: Issue): string[] {
  if (issue.code === "invalid_type") return [nounOf(issue)];
  if (issue.code !== "invalid_union") return [];
  return [...new Set(issue.errors.flat().filter(isOfAnotherKind).flatMap(kinds))];
}

/** What is wrong with a value, without the value: it may be a secret. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return wrongType(issue);
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

type WrongType = Pick<z.core.$ZodIssueInvalidType, "expected" | "input">;

/** `no quotes`, `digits`: text, read as a number or a boolean; `quotes`, `too large`: the reverse; `kind`: anything else. */
type Mistake = "missing" | "empty" | "quotes" | "too large" | "no quotes" | "digits" | "kind";

function mistakeIn(issue: WrongType): Mistake {
  const { input } = issue;
  const wanted = nounOf(issue);
  if (input === undefined) return "missing";
  if (input === null || input === "") return "empty";
  if (typeof input === "string" && UNQUOTED[wanted]?.test(input))
    return /^-?\d/.test(input) && !Number.isSafeInteger(Math.trunc(Number(input))) ? "too large" : "quotes";
  if (wanted !== "text") return "kind";
  if (typeof input === "number") return Number.isInteger(input) ? "no quotes" : "digits";
  return typeof input === "boolean" ? "no quotes" : "kind";
}

function wrongType(issue: WrongType): string {
  const wanted = nounOf(issue);
  switch (mistakeIn(issue)) {
    case "missing":
      return "is required";
    case "empty":
      return `should be ${wanted}, but is empty`;
    case "too large":
      return `should be ${wanted}, but is too large`;
    case "quotes":
      return `should be ${wanted}: write it without quotes`;
    case "digits":
      return "should be text: write it in quotes, with all its digits: without them YAML reads 1.10 as 1.1";
    case "no quotes":
      return "should be text: write it in quotes";
    case "kind":
      return `should be ${wanted}, not ${kindOf(issue.input)}`;
  }
}

const nounOf = ({ expected }: Pick<WrongType, "expected">): string => NOUNS[expected] ?? expected;

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
