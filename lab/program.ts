import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { ensurePulumi, forCommand, pulumiEnvironment } from "../tools/pulumi/index.ts";
import type { Lab } from "./lab.ts";
import { launch, type Outcome } from "./pulumi-run.ts";
import { labValues, type StackValues } from "./stack.ts";

const ROOT = join(import.meta.dirname, "..");

/** How a user's project is laid out. */
export interface Layout {
  /** The file of its program. @example "index.ts" */
  readonly entry: string;
  /** Keys of Pulumi.yaml besides its name. */
  readonly project: Readonly<Record<string, unknown>>;
  /** Who starts Pulumi: our commands, with an environment that saves time, or the user. */
  readonly startedBy: "slipway" | "user";
  /** Writes its package.json and whatever else it has, and installs its packages. */
  install(folder: string, name: string): Promise<void>;
}

/** This checkout as the package, and a program that Node.js runs as it is. */
const LINKED: Layout = {
  entry: "index.ts",
  project: {
    runtime: { name: "nodejs", options: { typescript: false } },
    main: "index.ts",
    options: { refresh: "always" },
  },
  startedBy: "slipway",
  async install(folder, name) {
    await mkdir(join(folder, "node_modules"));
    await symlink(ROOT, join(folder, "node_modules", "slipway"));
    await symlink(join(ROOT, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
    await writeFile(join(folder, "package.json"), JSON.stringify({ name, type: "module" }));
  },
};

/**
 * A project of its own on the lab, with a program that imports `slipway` as a user's does.
 *
 * @example
 * await using program = await LabProgram.create(lab, "acme");
 * await program.write(`import * as slipway from "slipway"; …`);
 * const { output } = await program.run("up", "--yes");
 */
export class LabProgram implements AsyncDisposable {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly name = "production";
  readonly #layout: Layout;

  private constructor(folder: string, env: NodeJS.ProcessEnv, layout: Layout) {
    this.folder = folder;
    this.env = env;
    this.#layout = layout;
  }

  static async create(lab: Lab, name: string, layout: Layout = LINKED): Promise<LabProgram> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-program-"));
    const [state, home] = [join(folder, ".state"), join(folder, ".home")];
    await Promise.all([state, home].map((path) => mkdir(path)));
    await layout.install(folder, name);
    await writeFile(join(folder, "Pulumi.yaml"), stringify({ name, ...layout.project }));
    const pulumi = await ensurePulumi();
    const env = {
      ...pulumiEnvironment({ pulumi, home, backend: pathToFileURL(state).href, passphrase: "lab" }),
      ...(layout.startedBy === "user" ? { NODE_OPTIONS: undefined, NODE_COMPILE_CACHE: undefined } : {}),
      NODE_EXTRA_CA_CERTS: lab.registry.certificates.bundle,
      // No setting of this machine's operator may help a test to pass.
      SSH_AUTH_SOCK: "",
      HOME: folder,
    };
    const program = new LabProgram(folder, env, layout);
    await program.run("stack", "init", program.name);
    await program.configure({ ssh: labValues(lab).ssh });
    return program;
  }

  /** The text of its program. */
  async write(text: string): Promise<void> {
    const file = join(this.folder, this.#layout.entry);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** The `slipway:` keys of its stack. */
  configure(values: StackValues): Promise<void> {
    const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`slipway:${key}`, value]));
    return writeFile(join(this.folder, `Pulumi.${this.name}.yaml`), stringify({ config }));
  }

  run(...args: readonly string[]): Promise<Outcome> {
    const own = args[0] === "stack" ? args : [...args, "-s", this.name];
    const env = { ...(this.#layout.startedBy === "slipway" ? forCommand(args) : {}), ...this.env };
    return launch([...own, "--non-interactive", "--color", "never"], env, { trace: this.folder, project: this.folder }).done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
