import type { Surroundings } from "../source/surroundings.ts";
import { callMethod } from "./methods.ts";
import { NotUnderstood, type Token, tokens } from "./tokens.ts";
import { isTrue, type Origin, type Ruby, textOf } from "./value.ts";

/** What an expression has given. */
export interface Evaluated {
  readonly value: Ruby;
  /** What it was made of; the defaults that were used instead are none. */
  readonly origins: readonly Origin[];
}

/** Variables that the code of a template has set. */
export type Scope = Map<string, Evaluated>;

/** A part of an expression, not evaluated yet: the other side of `||` has no effect. */
type Thunk = () => Ruby;

/** A value that the import cannot know, with the reason. */
class Unknown extends Error {
  readonly origin: Origin;

  constructor(origin: Origin) {
    super(origin.kind);
    this.origin = origin;
  }
}

/**
 * Evaluates the Ruby that configs are written in: the environment, defaults, literals, files, git's description of a commit, and a few
 * methods of texts. Never runs anything else.
 *
 * @example evaluate('ENV["HOST"] || "localhost"', scope, surroundings)
 */
export function evaluate(code: string, scope: Scope, surroundings: Surroundings): Evaluated {
  const expression = new Expression(code, scope, surroundings);
  try {
    const thunk = expression.parse();
    const value = thunk();
    return { value, origins: expression.origins };
  } catch (error) {
    if (error instanceof Unknown) return { value: null, origins: [...expression.origins, error.origin] };
    if (error instanceof NotUnderstood) return { value: null, origins: [{ kind: "ruby", code: code.trim() }] };
    throw error;
  }
}

/** The methods of ENV that read one variable. */
const READS = new Set(["fetch", "key?", "has_key?", "include?"]);

class Expression {
  origins: Origin[] = [];
  readonly #tokens: readonly Token[];
  #at = 0;
  readonly #scope: Scope;
  readonly #around: Surroundings;

  constructor(code: string, scope: Scope, around: Surroundings) {
    this.#tokens = tokens(code);
    this.#scope = scope;
    this.#around = around;
  }

  parse(): Thunk {
    const thunk = this.#ternary();
    if (this.#at < this.#tokens.length) throw new NotUnderstood("more than an expression");
    return thunk;
  }

  #ternary(): Thunk {
    const condition = this.#or();
    if (!this.#accept("?")) return condition;
    const then = this.#ternary();
    this.#expect(":");
    const otherwise = this.#ternary();
    return () => (isTrue(this.#asCondition(condition)) ? then() : otherwise());
  }

  #or(): Thunk {
    const left = this.#and();
    if (!this.#accept("||") && !this.#acceptName("or")) return left;
    const right = this.#or();
    return () => {
      const before = this.origins;
      const value = left();
      if (isTrue(value)) return value;
      // The variable that is not set has no part in the value.
      this.origins = before;
      return right();
    };
  }

  #and(): Thunk {
    const left = this.#comparison();
    if (!this.#accept("&&") && !this.#acceptName("and")) return left;
    const right = this.#and();
    return () => {
      const value = left();
      return isTrue(value) ? right() : value;
    };
  }

  #comparison(): Thunk {
    const left = this.#sum();
    if (this.#accept("==")) {
      const right = this.#sum();
      return () => textOf(left()) === textOf(right());
    }
    if (!this.#accept("!=")) return left;
    const right = this.#sum();
    return () => textOf(left()) !== textOf(right());
  }

  #sum(): Thunk {
    let left = this.#not();
    while (this.#accept("+")) {
      const [one, two] = [left, this.#not()];
      left = () => {
        const [a, b] = [one(), two()];
        if (typeof a === "string" && typeof b === "string") return a + b;
        throw new NotUnderstood("+");
      };
    }
    return left;
  }

  #not(): Thunk {
    if (!this.#accept("!")) return this.#calls();
    const inner = this.#not();
    return () => !isTrue(this.#asCondition(inner));
  }

  #calls(): Thunk {
    let thunk = this.#primary();
    for (;;) {
      const isSafe = this.#accept("&.");
      if (!isSafe && !this.#accept(".")) return thunk;
      const name = this.#name();
      const args = this.#arguments();
      const target = thunk;
      thunk = () => {
        const value = target();
        return isSafe && value === null
          ? null
          : callMethod(
              value,
              name,
              args.map((one) => one()),
            );
      };
    }
  }

  /** `(a, b)`, `(&:strip)`, or nothing. */
  #arguments(): Thunk[] {
    if (!this.#accept("(")) return [];
    if (this.#accept("&:")) {
      const name = this.#name();
      this.#expect(")");
      return [() => name];
    }
    return this.#until(")");
  }

  #until(close: string): Thunk[] {
    const all: Thunk[] = [];
    while (!this.#accept(close)) {
      all.push(this.#ternary());
      if (!this.#accept(",")) {
        this.#expect(close);
        break;
      }
    }
    return all;
  }

  #primary(): Thunk {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new NotUnderstood("the end");
    switch (token.is) {
      case "number":
        return () => token.value;
      case "words":
        return () => token.words;
      case "command":
        return () => this.#command(token.command.trim());
      case "text": {
        const parts = token.parts.map((part) => (typeof part === "string" ? () => part : this.#inner(part.code)));
        return () => parts.map((part) => textOf(part())).join("");
      }
      case "name":
        return this.#named(token.name);
      case "sign":
        return this.#signed(token.sign);
    }
  }

  #signed(sign: string): Thunk {
    if (sign === "[") {
      const items = this.#until("]");
      return () => items.map((item) => item());
    }
    if (sign !== "(") throw new NotUnderstood(sign);
    const inner = this.#ternary();
    this.#expect(")");
    return inner;
  }

  /** `#{…}` in a text. */
  #inner(code: string): Thunk {
    return () => {
      const { value, origins } = evaluate(code, this.#scope, this.#around);
      const stop = origins.find(({ kind }) => kind === "ruby" || kind === "command");
      if (stop?.kind === "ruby") throw new NotUnderstood(code);
      if (stop !== undefined) throw new Unknown(stop);
      this.origins = [...this.origins, ...origins];
      return value;
    };
  }

  #named(name: string): Thunk {
    if (name === "nil") return () => null;
    if (name === "true" || name === "false") return () => name === "true";
    if (name === "ENV") return this.#environment();
    if (name === "File") return this.#file();
    const known = this.#scope.get(name);
    if (known === undefined) throw new NotUnderstood(name);
    return () => {
      const unknown = known.origins.find(({ kind }) => kind === "ruby" || kind === "command");
      if (unknown?.kind === "ruby") throw new NotUnderstood(name);
      if (unknown !== undefined) throw new Unknown(unknown);
      this.origins = [...this.origins, ...known.origins];
      return known.value;
    };
  }

  #environment(): Thunk {
    if (this.#accept("[")) {
      const name = this.#ternary();
      this.#expect("]");
      return () => this.#read(textOf(name()));
    }
    this.#expect(".");
    const method = this.#name();
    if (!READS.has(method)) throw new NotUnderstood(`ENV.${method}`);
    const [name = () => null, fallback] = this.#arguments();
    const block = this.#block();
    const otherwise = fallback ?? block;
    if (method !== "fetch") return () => this.#around.env[textOf(name())] !== undefined;
    return () => {
      const key = textOf(name());
      if (this.#around.env[key] !== undefined) return this.#read(key);
      if (otherwise === undefined) throw new Unknown({ kind: "unset", name: key });
      return otherwise();
    };
  }

  #block(): Thunk | undefined {
    if (!this.#accept("{")) return undefined;
    const inner = this.#ternary();
    this.#expect("}");
    return inner;
  }

  #read(name: string): Ruby {
    const value = this.#around.env[name];
    this.origins = [...this.origins, value === undefined ? { kind: "unset", name } : { kind: "env", name }];
    return value ?? null;
  }

  #file(): Thunk {
    this.#expect(".");
    const method = this.#name();
    const [path] = this.#arguments();
    if (path === undefined) throw new NotUnderstood(`File.${method}`);
    if (method === "exist?" || method === "file?") return () => this.#around.readFile(textOf(path())) !== undefined;
    if (method !== "read") throw new NotUnderstood(`File.${method}`);
    return () => {
      const name = textOf(path());
      const text = this.#around.readFile(name);
      if (text === undefined) throw new Unknown({ kind: "missing", path: name });
      this.origins = [...this.origins, { kind: "file", path: name }];
      return text;
    };
  }

  /** Of all commands only those by which git names a commit. */
  #command(written: string): Ruby {
    const command = written.replace(/\s+2>\s*\/dev\/null$/, "");
    const words = command.split(/\s+/);
    const isDescription = words[0] === "git" && (words[1] === "rev-parse" || words[1] === "describe");
    if (!isDescription || !words.every((word) => /^[\w./@^=~*-]+$/.test(word)))
      throw new Unknown({ kind: "command", command: written });
    const printed = this.#around.git(words.slice(1));
    if (printed === undefined) throw new Unknown({ kind: "command", command: written });
    this.origins = [...this.origins, { kind: "git", command }];
    return `${printed}\n`;
  }

  /** What a condition looks at has no part in the value. */
  #asCondition(thunk: Thunk): Ruby {
    const before = this.origins;
    const value = thunk();
    this.origins = before;
    return value;
  }

  #accept(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.is !== "sign" || token.sign !== sign) return false;
    this.#at++;
    return true;
  }

  #acceptName(name: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.is !== "name" || token.name !== name) return false;
    this.#at++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#accept(sign)) throw new NotUnderstood(`no ${sign}`);
  }

  #name(): string {
    const token = this.#tokens[this.#at++];
    if (token?.is !== "name") throw new NotUnderstood("no name");
    return token.name;
  }
}
