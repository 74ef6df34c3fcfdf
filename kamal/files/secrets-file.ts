import { type Assignment, parseDotenv } from "../../core/dotenv.ts";
import type { Place } from "../source/place.ts";

/** Where a secret of Kamal gets its value. Never the value itself. */
export type SecretSource =
  /** Of the environment of who deploys: `$NAME`. */
  | { readonly kind: "variable"; readonly name: string }
  /** `$(cat config/master.key)`, as it is written. */
  | { readonly kind: "command"; readonly command: string }
  /** Another name of these files. */
  | { readonly kind: "secret"; readonly name: string }
  /** In the file, as it is or around a variable. */
  | { readonly kind: "text" }
  | { readonly kind: "empty" };

/** One name of `.kamal/secrets`. */
export interface Secret {
  readonly name: string;
  readonly at: Place;
  readonly source: SecretSource;
}

/**
 * Reads a file of secrets, in the syntax of dotenv: `NAME=value`, quotes, `$NAME`, `${NAME:-default}`, `$(command)`, values of several
 * lines. Runs and looks up nothing.
 */
export function parseSecrets(text: string, file: string): Secret[] {
  const known = new Set<string>();
  return parseDotenv(text).map((assignment) => {
    const source = sourceOf(assignment, known);
    known.add(assignment.name);
    return { name: assignment.name, at: { file, line: assignment.line }, source };
  });
}

function sourceOf({ quote, parts }: Assignment, known: ReadonlySet<string>): SecretSource {
  const [only, ...more] = parts;
  if (only === undefined) return { kind: "empty" };
  if (quote === "'" || only.kind === "text" || more.length > 0) return { kind: "text" };
  if (only.kind === "command") return { kind: "command", command: only.command.replace(/\s*\\?\n\s*/g, " ").trim() };
  return { kind: known.has(only.name) ? "secret" : "variable", name: only.name };
}
