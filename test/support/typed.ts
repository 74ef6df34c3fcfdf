import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { stringify } from "yaml";
import type { StackValues } from "../../lab/stack.ts";
import { parseValues } from "../../project/config-values.ts";
import { ensurePulumi, pulumiEnvironment } from "../../tools/pulumi/index.ts";

const run = promisify(execFile);

/** What its stack is called, and in which the commands of an error write. */
export const TYPED_STACK = "lab";

/** A stack's file that is changed by typing: each line is run by a shell as it is, with the real Pulumi. */
export class TypedStack implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  /** @param values of `slipway:` keys */
  static async create(values: StackValues): Promise<TypedStack> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-typed-"));
    const [state, home] = [join(folder, "state"), join(folder, "home")];
    await Promise.all([mkdir(state), mkdir(home)]);
    await writeFile(join(folder, "Pulumi.yaml"), "name: slipway\nruntime: nodejs\n");
    const env = pulumiEnvironment({ pulumi: await ensurePulumi(), home, backend: pathToFileURL(state).href, passphrase: "lab" });
    const stack = new TypedStack(folder, env);
    await stack.#shell(`pulumi stack init ${TYPED_STACK}`, "");
    const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`slipway:${key}`, value]));
    const salt = await readFile(stack.#file, "utf8").catch(() => "");
    await writeFile(stack.#file, `${salt}${stringify({ config })}`);
    return stack;
  }

  /** Types a line, and the same answer to whatever it asks for. The next run of the release is left to the test. */
  async type(line: string, answer = ""): Promise<void> {
    const typed = line.replace(` && pulumi up --stack ${TYPED_STACK}`, "");
    if (typed === line) throw new Error(`this is not a line that can be typed: ${line}`);
    await this.#shell(typed, answer);
  }

  /** All values as a run gets them, secrets decrypted. */
  async values(): Promise<StackValues> {
    const shown = parseValues(await this.#shell("pulumi config --json --show-secrets --stack lab", ""));
    return Object.fromEntries(
      Object.entries(shown).map(([key, { value, objectValue }]) => [key.replace("slipway:", ""), objectValue ?? value]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.#folder, `Pulumi.${TYPED_STACK}.yaml`);
  }

  async #shell(line: string, input: string): Promise<string> {
    const running = run("/bin/sh", ["-c", line], { cwd: this.#folder, env: this.#env, timeout: 30_000 });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }
}
