import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import type { Seconds } from "../core/words.ts";
import { type BuildxSuite, type BuildxVersions, buildx } from "./buildx.ts";
import type { Output } from "./host.ts";
import type { LabRegistry } from "./registry.ts";

/** What the machine's user has set for his own Docker. */
const SETTINGS = /^(?:DOCKER|BUILDX|BUILDKIT)_/;

export interface DockerRun {
  /** Default: this process's. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Seconds until it is killed. Default 120. */
  readonly timeout?: Seconds;
}

export interface OperatorDockerOptions {
  /** Where he is logged in. Default: nowhere. */
  readonly registry?: LabRegistry;
  /** Where his CLI and buildx are from. Default: trixie. */
  readonly suite?: BuildxSuite;
}

/**
 * Docker as an operator has it: a CLI with buildx, a config folder of his own, an engine.
 *
 * @example
 * const { lab, engine } = await operatorEngine("containerd");
 * await using docker = await OperatorDocker.create(engine, { registry: lab.registry });
 * const { code, stderr } = await docker.run(["buildx", "build", "--load", "-t", "shop", context]);
 */
export class OperatorDocker implements AsyncDisposable {
  /** DOCKER_CONFIG. */
  readonly folder: string;
  readonly versions: BuildxVersions;
  /** For child processes. */
  readonly env: NodeJS.ProcessEnv;

  private constructor(folder: string, versions: BuildxVersions, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.versions = versions;
    this.env = env;
  }

  /** @param engine DOCKER_HOST */
  static async create(engine: string, { registry, suite = "trixie" }: OperatorDockerOptions = {}): Promise<OperatorDocker> {
    const { bin, plugin, versions } = await buildx(suite);
    const folder = await mkdtemp(join(tmpdir(), "slipway-docker-"));
    await mkdir(join(folder, "cli-plugins"));
    await symlink(plugin, join(folder, "cli-plugins", "docker-buildx"));
    await writeFile(join(folder, "config.json"), JSON.stringify({ auths: authsOf(registry) }), { mode: 0o600 });
    const env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !SETTINGS.test(name))),
      PATH: [bin, process.env.PATH ?? ""].join(delimiter),
      DOCKER_CONFIG: folder,
      DOCKER_HOST: engine,
      BUILDX_CONFIG: join(folder, "buildx"),
    };
    return new OperatorDocker(folder, versions, env);
  }

  /** Runs a command of the CLI. Does not throw on a non-zero exit code. @example docker.run(["buildx", "ls"]) */
  async run(args: readonly string[], { cwd, env = {}, timeout = 120 }: DockerRun = {}): Promise<Output> {
    const child = spawn("docker", args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...this.env, ...env },
      timeout: timeout * 1000,
      killSignal: "SIGKILL",
      ...(cwd === undefined ? {} : { cwd }),
    });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { code: code ?? -1, stdout, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function authsOf(registry: LabRegistry | undefined): object {
  if (registry === undefined) return {};
  const { server, username, password } = registry;
  return { [server]: { auth: Buffer.from(`${username}:${password}`).toString("base64") } };
}
