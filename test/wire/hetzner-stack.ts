import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { HetznerCloud } from "../../lab/hetzner/cloud.ts";
import { installPlugins } from "../../lab/plugins/install.ts";
import { ensurePulumi, pulumiEnvironment } from "../../tools/pulumi/index.ts";

const PROGRAM = join(import.meta.dirname, "hetzner-program");
const STACK = "wire";

export interface Did {
  readonly code: number;
  readonly output: string;
}

/** A stack of the small program in `hetzner-program/`, driven by the real CLI, with fake plugins. */
export class HetznerStack implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  static async create(cloud: HetznerCloud): Promise<HetznerStack> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-hetzner-"));
    const [state, home] = [join(folder, "state"), join(folder, "home")];
    await Promise.all([mkdir(state), mkdir(home)]);
    await installPlugins(home);
    const pulumi = await ensurePulumi();
    const env = pulumiEnvironment({ pulumi, home, backend: pathToFileURL(state).href, passphrase: "wire" });
    const stack = new HetznerStack(folder, { ...env, SSH_AUTH_SOCK: "" });
    await stack.#must(["stack", "init", STACK]);
    await stack.configure({ "hcloud:endpoint": cloud.endpoint });
    await stack.configure({ "hcloud:token": cloud.token }, ["--secret"]);
    return stack;
  }

  async configure(values: Readonly<Record<string, string>>, how: readonly string[] = ["--plaintext"]): Promise<void> {
    const pairs = Object.entries(values).flatMap(([key, value]) => [...how, `${key}=${value}`]);
    await this.#must(["config", "set-all", ...this.#config, ...pairs]);
  }

  preview(): Promise<Did> {
    return this.#run(["preview", "--diff", ...this.#config]);
  }

  /** With a refresh, as in Slipway's own project. */
  up(): Promise<Did> {
    return this.#run(["up", "--yes", "--skip-preview", "--refresh", ...this.#config]);
  }

  destroy(): Promise<Did> {
    return this.#run(["destroy", "--yes", "--skip-preview", "--refresh", ...this.#config]);
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.#must(["stack", "output", "--json"])) as Record<string, unknown>;
  }

  /** The state as it can be read without the passphrase. */
  exported(): Promise<string> {
    return this.#must(["stack", "export"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #config(): string[] {
    return ["--config-file", join(this.#folder, "Pulumi.wire.yaml")];
  }

  async #must(args: readonly string[]): Promise<string> {
    const { code, output } = await this.#run(args);
    if (code !== 0) throw new Error(`pulumi ${args[0]} failed\n${output}`);
    return output;
  }

  async #run(args: readonly string[]): Promise<Did> {
    const which = args[1] === "init" ? [] : ["--stack", STACK];
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never", ...which], {
      cwd: PROGRAM,
      env: this.#env,
      timeout: 120_000,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? 137, output }));
    });
  }
}
