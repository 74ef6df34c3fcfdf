import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensurePulumi, pulumiEnvironment } from "../../tools/pulumi/index.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** Notes what the engine asks for, and has nothing to do: which host would be changed is all that a test wants to know. */
const PROVIDER = `
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { canonical } from ${JSON.stringify(join(ROOT, "core/values.ts"))};

const MADE = { publicKey: "ssh-ed25519 AAAA", privateKey: "canary" };
const nameOf = ({ __urn }) => __urn.split("::").at(-1);
const note = (call, values) => appendFileSync(join(import.meta.dirname, "calls"), call + " " + nameOf(values) + "\\n");
const declared = (values) =>
  canonical(Object.fromEntries(Object.entries(values).filter(([key]) => !key.startsWith("__") && !(key in MADE))));
const provider = {
  check: async (_olds, inputs) => ({ inputs }),
  diff: async (_id, olds, news) => ({ changes: declared(olds) !== declared(news) }),
  create: async (inputs) => {
    note("create", inputs);
    return { id: nameOf(inputs), outs: { ...inputs, ...MADE } };
  },
  update: async (_id, _olds, inputs) => {
    note("update", inputs);
    return { outs: { ...inputs, ...MADE } };
  },
  read: async (id, props) => {
    note("read", props);
    return { id, props };
  },
  delete: async (_id, props) => note("delete", props),
};
export { ${["release", "proxy", "hostKey", "dockerEngine", "accessory"].map((noun) => `provider as ${noun}`).join(", ")} };
`;

/** What the engine did, and whether it came to its end. */
export interface Run {
  readonly succeeded: boolean;
  readonly output: string;
  /** What it asked of the provider, in order, without reads. @example ["create web-1-docker", "delete shop"] */
  readonly calls: readonly string[];
}

/** A project whose program declares our components, on the real engine, with a provider that changes nothing. */
export class ComponentProject implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  static async create(): Promise<ComponentProject> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-components-"));
    const [state, home] = [join(folder, ".state"), join(folder, ".home")];
    await Promise.all([state, home].map((path) => mkdir(path)));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const exports = { ".": "./slipway.ts", "./provider": "./provider.ts" };
    const files = {
      "package.json": JSON.stringify({ name: "slipway", type: "module", exports }),
      "slipway.ts": `export * from ${JSON.stringify(join(ROOT, "components", "index.ts"))};\n`,
      "provider.ts": PROVIDER,
      "Pulumi.yaml": "name: slipway\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.ts\n",
    };
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    const pulumi = await ensurePulumi();
    const env = pulumiEnvironment({ pulumi, home, backend: pathToFileURL(state).href, passphrase: "wire" });
    return new ComponentProject(folder, env);
  }

  /** Writes the program, and runs Pulumi with these arguments. @example project.run(program, "up", "--yes", "--skip-preview") */
  async run(program: string, ...args: readonly string[]): Promise<Run> {
    const notes = join(this.#folder, "calls");
    await writeFile(join(this.#folder, "index.ts"), program);
    await writeFile(notes, "");
    const all = [...args, "--non-interactive", "--color", "never"];
    const { succeeded, output } = await new Promise<Omit<Run, "calls">>((resolve) => {
      execFile("pulumi", all, { cwd: this.#folder, env: this.#env, timeout: 100_000 }, (error, stdout, stderr) =>
        resolve({ succeeded: error === null, output: `${stdout}${stderr}` }),
      );
    });
    const calls = (await readFile(notes, "utf8")).split("\n").filter((call) => call !== "" && !call.startsWith("read "));
    return { succeeded, output, calls };
  }

  /** The same, for a run that has to succeed. */
  async must(program: string, ...args: readonly string[]): Promise<Run> {
    const run = await this.run(program, ...args);
    if (!run.succeeded) throw new Error(`pulumi ${args[0]} failed\n${run.output}`);
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
