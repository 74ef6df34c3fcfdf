import type { Scalar, Tree } from "../yaml/tree.ts";
import { type Entry, entry, type Item, listNode, mapNode, type Path, textNode } from "../yaml/tree.ts";
import type { Scope } from "./context.ts";
import { scalarOf } from "./copy.ts";
import { isSecret, throughShell, variableIn } from "./env-value.ts";
import { referenceIn } from "./reference.ts";
import { mapIn, type Rule, together, translated } from "./rule.ts";
import { type Cursor, childAt, childrenIn, type Run } from "./run.ts";

const NOTE =
  "passwords and values of the environment become secrets; literal names of accessories become references; a variable in braces, which a host's shell fills in Kamal, is by hand";

/** `env` of the root, a role or an accessory. */
export const env = (withTags: boolean): Rule<Scope> => ({
  ...translated<Scope>(NOTE, (cursor, run, { to, key }, scope) => {
    const value = translateEnv(cursor, run, [...to, key], scope, withTags);
    return value === undefined ? [] : [entry(key, value)];
  }),
  below: {
    "<NAME>": translated("as of clear", () => []),
    clear: translated("see env", () => []),
    secret: {
      status: "same",
      note: "`NAME` or `NAME:OTHER`; what .kamal/secrets has is read there by `slipway:secrets_from`, the rest is set with `pulumi config set --secret`",
      apply: () => [],
    },
    ...(withTags ? { "tags.<tag>": { status: "same", note: "", apply: () => [] } } : {}),
  } satisfies Record<string, Rule<never>>,
});

const OWN = ["clear", "secret", "tags"];

function translateEnv(cursor: Cursor, run: Run, to: Path, scope: Scope, withTags: boolean): Tree | undefined {
  const node = mapIn(cursor, run, "should be a map of variables");
  if (node === undefined) return undefined;
  const isSplit = node.entries.some(({ key }) => OWN.includes(key));
  if (!isSplit) return plainEnv(cursor, run, to, scope);
  const moved: Moved[] = [];
  const made = childrenIn(cursor).flatMap((child): Entry[] => {
    const key = String(child.path.at(-1));
    const above = node.entries.find((one) => one.key === key);
    const value = translateKey(key, child, run, [...to, key], scope, moved, withTags);
    return value === undefined ? [] : [{ ...entry(key, value), above: above?.above, isApart: above?.isApart ?? false }];
  });
  const isLeft = ({ key, value }: Entry) => key !== "clear" || value.kind !== "map" || value.entries.length > 0;
  return { ...node, entries: withMoved(moved.length > 0 ? made.filter(isLeft) : made, moved, node) };
}

/** A variable that becomes a secret: `NAME`, or `NAME:OTHER`. */
interface Moved {
  readonly text: string;
  readonly node: Tree;
}

function translateKey(key: string, child: Cursor, run: Run, to: Path, scope: Scope, moved: Moved[], withTags: boolean) {
  if (key === "clear") return clearValues(child, run, to, scope, moved);
  if (key === "secret") return secretNames(child, run, to);
  if (key !== "tags" || !withTags) {
    run.ask(
      child,
      key === "tags" ? "tags are allowed only in the env of the root" : "beside clear and secret: move it under clear",
    );
    return undefined;
  }
  return tagsOf(child, run, to, scope);
}

function tagsOf(cursor: Cursor, run: Run, to: Path, scope: Scope): Tree | undefined {
  if (cursor.node.kind !== "map") {
    run.ask(cursor, "should be a map of tags");
    return undefined;
  }
  const entries = cursor.node.entries.flatMap((one): Entry[] => {
    const child = childAt(cursor, one.key);
    const value = child && translateEnv(child, run, [...to, one.key], { ...scope, name: one.key }, false);
    return [{ ...one, value: value ?? mapNode([], one.value) }];
  });
  return { ...cursor.node, entries };
}

/** Variables without `clear` and `secret`. With secrets among them they get both. */
function plainEnv(cursor: Cursor, run: Run, to: Path, scope: Scope): Tree | undefined {
  const moved: Moved[] = [];
  const before = run.findings.length;
  const clear = clearValues(cursor, run, to, scope, moved);
  if (moved.length === 0 && scope.isSplit !== true) return clear;
  // They are one level lower now.
  for (const [at, finding] of run.findings.entries())
    if (at >= before && finding.to !== undefined)
      run.findings[at] = {
        ...finding,
        outcome: finding.outcome === "taken" ? "translated" : finding.outcome,
        says: finding.says === "" ? "is below clear" : finding.says,
        to: [...to, "clear", ...finding.to.slice(to.length)],
      };
  const entries = clear?.kind === "map" && clear.entries.length > 0 ? [entry("clear", clear)] : [];
  return mapNode(withMoved(entries, moved, cursor.node), cursor.node);
}

function withMoved(entries: readonly Entry[], moved: readonly Moved[], like: Tree): Entry[] {
  if (moved.length === 0) return [...entries];
  const added = moved.map(({ text, node }): Item => ({ value: textNode(text, { at: node.at, comment: undefined }) }));
  const before = entries.find(({ key, value }) => key === "secret" && value.kind === "list");
  const items = before?.value.kind === "list" ? before.value.items : [];
  const named = new Set(items.map(({ value }) => (value.kind === "scalar" ? value.text : "")));
  const all = [...items, ...added.filter(({ value }) => value.kind === "scalar" && !named.has(value.text))];
  const list: Tree = { kind: "list", items: all, isFlow: false, at: before?.at ?? like.at };
  if (before === undefined) return together([...entries, entry("secret", list)]);
  return entries.map((one) => (one === before ? { ...one, value: list } : one));
}

function secretNames(cursor: Cursor, run: Run, to: Path): Tree | undefined {
  const { node } = cursor;
  if (node.kind === "scalar" && node.is === "null") {
    run.empty(cursor);
    return undefined;
  }
  if (node.kind !== "list") {
    run.ask(cursor, "should be a list of names");
    return undefined;
  }
  if (node.items.length === 0) run.take(cursor, to);
  const taken = new Set<string>();
  const items = node.items.flatMap((item, at): Item[] => {
    const child = childAt(cursor, at);
    if (child === undefined) return [];
    if (item.value.kind !== "scalar") {
      run.ask(child, "should be the name of a secret");
      return [];
    }
    const value = scalarOf(child, item.value, run, "text", [...to, taken.size]);
    if (value === undefined) return [];
    const [name = "", source = name] = value.text.split(":");
    if (taken.has(name)) {
      run.translate(child, "is written twice");
      return [];
    }
    run.secrets.need(source);
    if (!item.value.isUnknown) run.take(child, [...to, taken.size]);
    taken.add(name);
    return [{ ...item, value }];
  });
  return { ...node, items };
}

function clearValues(cursor: Cursor, run: Run, to: Path, scope: Scope, moved: Moved[]): Tree | undefined {
  const node = mapIn(cursor, run, "should be a map of variables");
  if (node === undefined) return undefined;
  if (node.entries.length === 0) run.empty(cursor);
  const entries = node.entries.flatMap((one): Entry[] => {
    const child = childAt(cursor, one.key);
    if (child === undefined) return [];
    if (one.value.kind !== "scalar") {
      run.ask(child, "should be one value: Kamal refuses a list or map here");
      return [];
    }
    const value = clearValue(one.key, child, one.value, run, [...to, one.key], scope, moved);
    return value === undefined ? [] : [{ ...one, value }];
  });
  return { ...node, entries };
}

function clearValue(
  name: string,
  cursor: Cursor,
  node: Scalar,
  run: Run,
  to: Path,
  scope: Scope,
  moved: Moved[],
): Scalar | undefined {
  const kinds = new Set(node.origins.map(({ kind }) => kind));
  const isRuby = kinds.has("ruby");
  const isEnvironment = kinds.has("env") || kinds.has("unset") || kinds.has("command");
  if (!isRuby && (isEnvironment || (node.origins.length === 0 && isSecret(name, node.text)))) {
    moved.push({ text: moveToSecrets(name, node, run, scope), node });
    const because = isEnvironment ? "it comes from the environment" : "it is one by its name or form";
    const isOther = node.origins.length === 0 && !node.isQuoted && node.written !== node.text;
    run.translate(
      cursor,
      `is a secret here: ${because}${isOther ? ". Ruby reads a different number than the file has: set what the container has now" : ""}`,
    );
    return undefined;
  }
  const before = run.findings.length;
  const value = scalarOf(cursor, node, run, "text", to);
  if (value === undefined) return undefined;
  const variable = variableIn(value.text);
  if (variable !== undefined && run.findings.length === before) {
    run.ask(cursor, `${variable} is filled by the host's shell in Kamal, and stays as it is here: write its value`, to);
    return value;
  }
  const changed = throughShell(value.text);
  if (changed !== value.text) {
    run.translate(
      cursor,
      "is written as it arrives in the container: Kamal passes line breaks, tabs and #{ with a backslash",
      to,
    );
    return { ...textNode(changed, value), isQuoted: true };
  }
  const wired = value.is === "text" && !value.isUnknown ? referenceIn(value.text, scope, run) : undefined;
  if (wired?.kind === "unreachable") run.ask(cursor, wired.says, to);
  if (wired?.kind === "reference") {
    run.translate(cursor, wired.says, to);
    return { ...textNode(wired.text, value), isQuoted: value.isQuoted };
  }
  if (run.findings.length === before) run.take(cursor, to);
  return value;
}

/** @returns `NAME`, or `NAME:OTHER` */
function moveToSecrets(name: string, node: Scalar, run: Run, scope: Scope): string {
  const [only, ...more] = node.origins;
  const isAlone = more.length === 0 && (only?.kind === "env" || only?.kind === "unset");
  const variable = isAlone ? only.name : undefined;
  const secret = run.secrets.move(name, scope.name, {
    value: node.text,
    at: node.at,
    variable,
    isKnown: !node.isUnknown,
    isOfEnvironment: isOfEnvironment(node),
  });
  return secret === name ? name : `${name}:${secret}`;
}

/** Whether a variable of the environment is in a value. */
export const isOfEnvironment = ({ origins }: Scalar): boolean => origins.some(({ kind }) => kind === "env");

/** Names of secrets in the places that have one: `password: [NAME]`. */
export const secretList = (name: string, like: Tree): Tree =>
  listNode([textNode(name, { at: like.at, comment: undefined })], like, true);
