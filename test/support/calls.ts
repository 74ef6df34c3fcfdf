import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { LabStack } from "../../lab/stack.ts";

/** Every `pulumi`, or `docker`, that the commands of a stack start, by its arguments. */
export class Calls implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** From now on. Those that `pulumi` starts are seen if it is asked for after them. */
  static async of({ env }: LabStack, program: "pulumi" | "docker" = "pulumi"): Promise<Calls> {
    const calls = new Calls(await mkdtemp(join(tmpdir(), "slipway-calls-")));
    const rest = env.PATH ?? "";
    const script = `#!/bin/sh\necho "$*" >> '${calls.#file}'\nPATH='${rest}' exec ${program} "$@"\n`;
    await writeFile(join(calls.#folder, program), script);
    await chmod(join(calls.#folder, program), 0o755);
    env.PATH = [calls.#folder, rest].join(delimiter);
    return calls;
  }

  get #file(): string {
    return join(this.#folder, "calls");
  }

  /** What `work` starts: the first word or two of each. @example ["config", "up"] */
  async during(work: () => Promise<unknown>): Promise<string[]> {
    await writeFile(this.#file, "");
    await work();
    const lines = (await readFile(this.#file, "utf8")).split("\n").filter((line) => line !== "");
    return lines.map((line) => /^(?:(?:stack|image) \w+|\w+)/.exec(line)?.[0] ?? line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Those of them that are a run of the engine, which is one command of the CLI; its plugins are its children. */
export const enginesIn = (calls: readonly string[]): string[] =>
  calls.filter((call) => /^(?:up|update|preview|refresh|destroy)$/.test(call));
