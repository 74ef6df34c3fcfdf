import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensurePulumi, forCommand, pulumiEnvironment } from "../pulumi/index.ts";
import { type MeasuredRun, runMeasured } from "./measured-run.ts";

const PROJECT = { name: "empty", runtime: { name: "nodejs", options: { typescript: false } }, main: "index.js" };
const NODE_MODULES = join(import.meta.dirname, "..", "..", "node_modules");

/** A Pulumi program without resources: the duration of an `up` before any code of Slipway runs. */
export class EmptyStack implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  static async create(): Promise<EmptyStack> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-empty-"));
    const [state, home] = [join(folder, "state"), join(folder, "home")];
    await Promise.all([mkdir(state), mkdir(home), symlink(NODE_MODULES, join(folder, "node_modules"))]);
    await Promise.all([
      writeFile(join(folder, "Pulumi.yaml"), JSON.stringify(PROJECT)),
      writeFile(join(folder, "package.json"), JSON.stringify({ name: "empty", type: "module" })),
      writeFile(join(folder, "index.js"), "export {};\n"),
    ]);
    const backend = pathToFileURL(state).href;
    const stack = new EmptyStack(folder, pulumiEnvironment({ pulumi: await ensurePulumi(), home, backend, passphrase: "empty" }));
    await stack.#pulumi(["stack", "init", "empty"]);
    return stack;
  }

  /** `pulumi up --yes --skip-preview`, as in every other run of the bench. */
  up(): Promise<MeasuredRun> {
    return this.#pulumi(["up", "--yes", "--skip-preview", "-s", "empty"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #pulumi(args: readonly string[]): Promise<MeasuredRun> {
    const env = { ...this.#env, ...forCommand(args) };
    const run = await runMeasured(["pulumi", ...args, "--non-interactive", "--color", "never"], { cwd: this.#folder, env });
    if (run.code !== 0) throw new Error(`pulumi ${args.join(" ")}: exit code ${run.code}\n${run.output}`);
    return run;
  }
}
