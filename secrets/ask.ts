import { type Answer, type Answers, type Fault, labelOf, type Question, type SecretSource } from "../config/index.ts";
import type { Asking, Found } from "./asking.ts";
import { askCommand } from "./command.ts";
import { askDotenv } from "./dotenv/read.ts";
import { reporting } from "./progress.ts";
import { Refusal } from "./refusal.ts";
import { askStore } from "./stores/ask-store.ts";

/**
 * Asks every source once, in parallel. Of a name that several have, the first one counts. What the environment has is not asked of the
 * sources after it, so that CI needs no login where it has the values.
 */
export async function askSources({ sources, wanted }: Question, asking: Asking): Promise<Answers> {
  const names = wanted.map(({ name }) => name);
  const had = new Set<string>();
  const asked = sources.map((source, at) => {
    const left = names.filter((name) => !had.has(name));
    if (source.kind === "env") for (const name of left) if (isIn(asking.env, keyOf(source, name))) had.add(name);
    return left.length === 0 ? NOTHING : answerOf(source, at, left, asking);
  });
  return merged(names, await Promise.all(asked));
}

/** What one source said. */
type Said = { readonly kind: "found"; readonly found: Found } | { readonly kind: "fault"; readonly message: string };

const NOTHING: Said = { kind: "found", found: { values: {} } };

async function answerOf(source: SecretSource, at: number, names: readonly string[], asking: Asking): Promise<Said> {
  try {
    const keys = new Map(names.map((name) => [name, keyOf(source, name)]));
    const what = `${labelOf(source)} (slipway:secrets_from[${at}])`;
    const report = (line: string) => (asking.prompts?.isBusy ? undefined : asking.report(line));
    const found = await reporting(what, report, askOne(source, [...new Set(keys.values())], asking));
    return { kind: "found", found: { values: byName(keys, found.values), hints: byName(keys, found.hints ?? {}) } };
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return { kind: "fault", message: thrown.message };
  }
}

async function askOne(source: SecretSource, keys: readonly string[], asking: Asking): Promise<Found> {
  switch (source.kind) {
    case "dotenv":
      return askDotenv(source.files, source.folder, keys, asking);
    case "command":
      return askCommand(source, keys, asking);
    case "env":
      return { values: Object.fromEntries(keys.flatMap((key) => (isIn(asking.env, key) ? [[key, asking.env[key] ?? ""]] : []))) };
    default:
      return askStore(source, keys, asking);
  }
}

/** CI systems set a variable that has no value to nothing. */
const isIn = (env: NodeJS.ProcessEnv, name: string): boolean => (env[name] ?? "") !== "";

const keyOf = ({ names }: SecretSource, name: string): string => (Object.hasOwn(names, name) ? (names[name] ?? name) : name);

const byName = (keys: ReadonlyMap<string, string>, found: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries([...keys].flatMap(([name, key]) => (Object.hasOwn(found, key) ? [[name, found[key] ?? ""]] : [])));

/** A source that could not be asked is no problem if those before it have all names. */
function merged(names: readonly string[], said: readonly Said[]): Answers {
  const values: Record<string, Answer> = {};
  const hints: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [source, one] of said.entries()) {
    const left = names.filter((name) => !Object.hasOwn(values, name));
    if (one.kind === "fault") {
      if (left.length > 0) faults.push({ source, message: one.message });
      continue;
    }
    for (const name of left) {
      const { [name]: value } = one.found.values;
      if (value !== undefined) values[name] = { value, source };
      else if (one.found.hints?.[name] !== undefined) hints[name] = one.found.hints[name];
    }
  }
  return { values, hints, faults };
}
