import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Asking, askSources, Prompts } from "../../../secrets/index.ts";
import { type Answers, parsePlaces } from "./places.ts";

/** A machine with programs that answer as the real ones do, and a project. Gone when `using` ends. */
export class Machine implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "slipway-secrets-"));
  /** The person at the terminal, if there is one. */
  prompts: Prompts | undefined;
  env: NodeJS.ProcessEnv = {};
  /** Progress that was shown. */
  readonly shown: string[] = [];

  /** @param script of a shell; `$*` has the arguments */
  program(name: string, script: string): this {
    const path = join(this.root, "bin", name);
    // What a call was given, for tests of what must not be in it.
    this.#put(`bin/${name}`, `#!/bin/sh\n{ echo "$0 $*"; env; } >> '${this.root}/calls'\n${script}\n`);
    chmodSync(path, 0o755);
    return this;
  }

  file(path: string, text: string): this {
    this.#put(join("project", path), text);
    return this;
  }

  /** Asks sources as a stack's file names them. */
  ask(sources: readonly unknown[], names: readonly string[]): Promise<Answers> {
    const question = { sources: parsePlaces(sources), wanted: names.map((name) => ({ name, decides: true })) };
    return askSources(question, this.asking);
  }

  get asking(): Asking {
    mkdirSync(join(this.root, "project"), { recursive: true });
    const env = { PATH: `${join(this.root, "bin")}:/usr/bin:/bin`, HOME: this.root, ...this.env };
    return { folder: join(this.root, "project"), env, prompts: this.prompts, report: (line) => this.shown.push(line) };
  }

  /** The command lines of all calls. */
  get calls(): string[] {
    return this.#recorded
      .split("\n")
      .filter((line) => line.startsWith(`${join(this.root, "bin")}/`))
      .map((line) => line.slice(join(this.root, "bin").length + 1));
  }

  /** Everything that the calls were given. */
  get #recorded(): string {
    const path = join(this.root, "calls");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  #put(path: string, text: string): void {
    const whole = join(this.root, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Values by name. */
export const valuesOf = ({ values }: Answers): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]));

/** What is wrong at the sources. */
export const faultsOf = ({ faults }: Answers): string[] => faults.map(({ source, message }) => `[${source}] ${message}`);

/** Prints a text as it is, in a script. */
export const prints = (value: unknown): string =>
  `cat <<'END_OF_ANSWER'\n${typeof value === "string" ? value : JSON.stringify(value)}\nEND_OF_ANSWER`;

export const aPerson = (): Prompts => new Prompts();
