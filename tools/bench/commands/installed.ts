import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { stringify } from "yaml";
import { command } from "../../../lab/command.ts";
import type { Lab } from "../../../lab/lab.ts";
import type { OperatorDocker } from "../../../lab/operator-docker.ts";
import { type StackValues, setValues } from "../../../lab/stack.ts";
import { buildPackage, DIST, pack } from "../../package.ts";
import { withPulumi } from "../../pulumi/environment.ts";
import { ensurePulumi, PULUMI_VERSION } from "../../pulumi/index.ts";
import { type MeasuredRun, runMeasured } from "../measured-run.ts";

/** As README.md has it. */
const PROJECT = {
  name: "bench",
  main: "node_modules/slipway/program.js",
  runtime: { name: "nodejs", options: { typescript: false } },
  options: { refresh: "always" },
};
const STACK = "production";
/** What this machine's operator, or the npm script that runs the bench, has set for other runs. */
const OF_OTHERS = /^(?:PULUMI_|SLIPWAY_|npm_|NODE_)/;

export interface Watch {
  /** Called with the process under which all others run. */
  readonly watch?: (pid: number) => void;
  /** The file for SLIPWAY_TRACE. */
  readonly trace?: string;
  /** Called with each part of the output as it comes. */
  readonly heed?: (text: string) => void;
}

export interface InstalledOptions {
  /** Default: the package of this checkout, which is built first. */
  readonly tarball?: string | undefined;
  /** With which its operator builds. Default: none of his own. */
  readonly docker?: OperatorDocker;
}

async function ownTarball(folder: string): Promise<string> {
  await buildPackage();
  const tarball = await pack(folder);
  await rm(DIST, { recursive: true });
  return tarball;
}

function withDocker({ env }: OperatorDocker, path: string | undefined): NodeJS.ProcessEnv {
  const { PATH = "", DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG } = env;
  const [bin] = PATH.split(delimiter);
  return { PATH: [bin, path].join(delimiter), DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG };
}

/** A project with the package as its users install it, and one stack, the selected one. */
export class InstalledProject implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  static async create(lab: Lab, values: StackValues, { tarball, docker }: InstalledOptions = {}): Promise<InstalledProject> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-installed-"));
    // A folder of its own: the project's `.pulumi` is not that of a home.
    const home = join(folder, "home");
    await mkdir(home);
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "bench", private: true }));
    await writeFile(join(folder, "Pulumi.yaml"), stringify(PROJECT));
    const install = ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline"] as const;
    await command([...install, tarball ?? (await ownTarball(folder)), `@pulumi/pulumi@${PULUMI_VERSION}`], {
      cwd: folder,
      timeout: 300,
    });
    const pulumi = withPulumi(await ensurePulumi());
    const project = new InstalledProject(folder, {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_OTHERS.test(name))),
      ...pulumi,
      NODE_EXTRA_CA_CERTS: lab.registry.certificates.bundle,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      // No setting of this machine's operator may help.
      SSH_AUTH_SOCK: "",
      XDG_CACHE_HOME: join(home, ".cache"),
      HOME: home,
      PULUMI_HOME: join(home, ".pulumi"),
      ...(docker === undefined ? {} : withDocker(docker, pulumi.PATH)),
    });
    await project.must("pulumi", "stack", "init", STACK);
    await project.configure(values);
    const password = ["slipway:registry.password", lab.registry.password];
    await project.must("pulumi", "config", "set", "--secret", "--path", ...password);
    await cp(project.#state, project.#emptyState, { recursive: true });
    return project;
  }

  /** Sets `slipway:` keys in the stack's file, each completely. */
  async configure(values: StackValues): Promise<void> {
    await setValues(join(this.#folder, `Pulumi.${STACK}.yaml`), values);
  }

  /** Its folder, in which its operator has his files. */
  get folder(): string {
    return this.#folder;
  }

  /** Removes what earlier commands have kept on this machine: images, compiled code. */
  async forgetCache(): Promise<void> {
    await rm(join(this.#folder, "home", ".cache"), { recursive: true, force: true });
  }

  /** Forgets all that was deployed: the state is as after `stack init`. */
  async forget(): Promise<void> {
    await rm(this.#state, { recursive: true, force: true });
    await cp(this.#emptyState, this.#state, { recursive: true });
  }

  /** A command as it is typed after `npx slipway`; npx itself is not measured. */
  run(args: readonly string[], { trace, ...seen }: Watch = {}): Promise<MeasuredRun> {
    const env = { ...this.#env, ...(trace === undefined ? {} : { SLIPWAY_TRACE: trace }) };
    const slipway = join(this.#folder, "node_modules", ".bin", "slipway");
    return runMeasured([slipway, ...args], { cwd: this.#folder, env, ...seen });
  }

  /** As `run`; a failure ends the bench. */
  async must(...args: readonly string[]): Promise<MeasuredRun> {
    const run = await this.run(args);
    if (run.code !== 0) throw new Error(`slipway ${args.join(" ")}: exit code ${run.code}\n${run.output}`);
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #state(): string {
    return join(this.#folder, ".pulumi");
  }

  get #emptyState(): string {
    return join(this.#folder, ".pulumi-empty");
  }
}
