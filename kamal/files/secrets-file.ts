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

const NAME = /^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*(?:=|:\s)[ \t]*/;

/**
 * Reads a file of secrets, in the syntax of dotenv: `NAME=value`, quotes, `$NAME`, `${NAME:-default}`, `$(command)`, values of several
 * lines. Runs and looks up nothing.
 */
export function parseSecrets(text: string, file: string): Secret[] {
  const found: Secret[] = [];
  const source = text.replaceAll("\r\n", "\n");
  let offset = 0;
  let line = 1;
  while (offset < source.length) {
    const rest = source.slice(offset);
    const [begin, name] = NAME.exec(lineOf(rest)) ?? [];
    const length =
      begin === undefined || name === undefined ? lineOf(rest).length : begin.length + lengthOfValue(rest.slice(begin.length));
    if (begin !== undefined && name !== undefined) {
      const known = new Set(found.map((secret) => secret.name));
      found.push({ name, at: { file, line }, source: sourceOf(rest.slice(begin.length, length), known) });
    }
    const taken = source.slice(offset, offset + length + 1);
    line += taken.split("\n").length - 1;
    offset += length + 1;
  }
  return found;
}

const lineOf = (text: string): string => text.split("\n", 1)[0] ?? "";

/** To the end of the line, or of what goes on over several. */
function lengthOfValue(text: string): number {
  const quote = /^["']/.exec(text)?.[0];
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\") at++;
    else if (quote !== undefined && at > 0 && char === quote && depth === 0) return at + lineOf(text.slice(at)).length;
    else if (text.startsWith("$(", at)) {
      depth++;
      at++;
    } else if (depth > 0 && char === "(") depth++;
    else if (depth > 0 && char === ")") depth--;
    else if (char === "\n" && quote === undefined && depth === 0) return at;
  }
  return quote !== undefined || depth > 0 ? lineOf(text).length : text.length;
}

function sourceOf(written: string, known: ReadonlySet<string>): SecretSource {
  const [, quote = "", inner] = /^(["'])([\s\S]*)\1\s*(?:#.*)?$/.exec(written.trim()) ?? [];
  const value = inner ?? written.replace(/\s+#.*$/s, "").trim();
  if (value === "") return { kind: "empty" };
  if (quote === "'") return { kind: "text" };
  const [, command] = /^\$\(([\s\S]*)\)$/.exec(value) ?? [];
  if (command !== undefined) return { kind: "command", command: command.replace(/\s*\\?\n\s*/g, " ").trim() };
  const [, bare, braced] = /^\$(?:(\w+)|\{(\w+)(?::?-[^}]*)?\})$/.exec(value) ?? [];
  const name = bare ?? braced;
  if (name === undefined) return { kind: "text" };
  return { kind: known.has(name) ? "secret" : "variable", name };
}
