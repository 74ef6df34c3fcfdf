import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { BuildxSuite } from "../../lab/buildx.ts";
import type { Output } from "../../lab/host.ts";
import type { ImageStore } from "../../lab/image-store.ts";
import { OperatorDocker } from "../../lab/operator-docker.ts";
import { type OperatorEngine, operatorEngine } from "../../lab/operator-engine.ts";

interface Started extends OperatorEngine {
  readonly docker: OperatorDocker;
  readonly folder: string;
}

/**
 * An operator who builds images, available from the first test of its `describe` on: a Docker CLI with buildx, logged in to the lab's
 * registry, an engine, and a folder for build contexts and layouts.
 *
 * @example const operator = new BuildingOperator("containerd");
 */
export class BuildingOperator {
  #started: Started | undefined;

  constructor(store: ImageStore, suite: BuildxSuite = "trixie") {
    beforeAll(() => this.#start(store, suite));
    afterAll(() => this.#stop());
  }

  /** A path in his folder. */
  path(name: string): string {
    return join(this.now.folder, name);
  }

  /** A build context: a Dockerfile and the file `hello.txt`. Returns its folder. */
  async context(name: string, dockerfile: string): Promise<string> {
    const folder = this.path(name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "Dockerfile"), dockerfile);
    await writeFile(join(folder, "hello.txt"), `hello from ${name}\n`);
    return folder;
  }

  /** Runs `docker buildx build`, which prints its progress as lines on stderr. Does not throw on a non-zero exit code. */
  build(...args: readonly string[]): Promise<Output> {
    return this.now.docker.run(["buildx", "build", "--progress", "plain", ...args]);
  }

  get now(): Started {
    if (this.#started === undefined) throw new Error("the operator is available from the first test on, not before");
    return this.#started;
  }

  async #start(store: ImageStore, suite: BuildxSuite): Promise<void> {
    const at = await operatorEngine(store);
    const docker = await OperatorDocker.create(at.engine, { registry: at.lab.registry, suite });
    this.#started = { ...at, docker, folder: await mkdtemp(join(tmpdir(), "slipway-builds-")) };
  }

  async #stop(): Promise<void> {
    if (this.#started === undefined) return;
    await this.#started.docker[Symbol.asyncDispose]();
    await rm(this.#started.folder, { recursive: true, force: true });
  }
}
