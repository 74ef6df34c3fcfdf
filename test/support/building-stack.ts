import { delimiter } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { LabHost } from "../../lab/host.ts";
import type { ImageStore } from "../../lab/image-store.ts";
import type { Lab } from "../../lab/lab.ts";
import { OperatorDocker } from "../../lab/operator-docker.ts";
import { operatorEngine } from "../../lab/operator-engine.ts";
import { LabStack, type StackValues } from "../../lab/stack.ts";
import { BuildContext } from "./build-context.ts";
import { Calls, enginesIn } from "./calls.ts";
import { freshHosts, hostOf } from "./hosts.ts";
import { type Said, slipway } from "./slipway.ts";

interface Started {
  readonly lab: Lab;
  readonly host: LabHost;
  /** The machine with the operator's engine. */
  readonly operator: LabHost;
  readonly stack: LabStack;
  /** The operator's, who is logged in nowhere. */
  readonly docker: OperatorDocker;
  readonly context: BuildContext;
  readonly engines: Calls;
  readonly dockers: Calls;
}

/** A command, and what it started. */
interface Ran {
  readonly said: Said;
  readonly text: string;
  /** Runs of Pulumi's engine. */
  readonly engines: readonly string[];
  /** Commands of Docker. */
  readonly asked: readonly string[];
}

/**
 * A stack on hosts of its own, by default one, whose operator has the test app's folder and a Docker, available from the first test of its `describe` on.
 *
 * @example const at = new BuildingStack("containerd", ({ context }) => ({ builder: { context: context.folder } }));
 */
export class BuildingStack {
  #started: Started | undefined;

  constructor(store: ImageStore, values: (at: Pick<Started, "lab" | "context">) => StackValues, hosts = 1) {
    beforeAll(() => this.#start(store, values, hosts), 900_000);
    afterAll(() => this.#stop());
  }

  get now(): Started {
    if (this.#started === undefined) throw new Error("the stack is available from the first test on, not before");
    return this.#started;
  }

  run(command: string, ...args: readonly string[]): Promise<Ran> {
    return this.watched(() => slipway(this.now.stack, command, ...args));
  }

  /** What a command of the same operator starts. */
  async watched(command: () => Promise<Said>): Promise<Ran> {
    const { engines, dockers } = this.now;
    let said: Said | undefined;
    let asked: string[] = [];
    const started = await engines.during(async () => {
      asked = await dockers.during(async () => {
        said = await command();
      });
    });
    if (said === undefined) throw new Error("it was not run");
    return { said, text: said.stdout + said.stderr, engines: enginesIn(started), asked };
  }

  async deployed(...args: readonly string[]): Promise<Ran> {
    const done = await this.run("deploy", ...args);
    expect(done.said.code, done.text).toBe(0);
    return done;
  }

  /** Of the app that answers. */
  async version(): Promise<string> {
    return (await (await fetch(`http://${this.now.host.address}/version`)).text()).trim();
  }

  async #start(store: ImageStore, values: (at: Pick<Started, "lab" | "context">) => StackValues, hosts: number): Promise<void> {
    const { engine, host: operator } = await operatorEngine(store);
    const lab = await freshHosts(hosts);
    const docker = await OperatorDocker.create(engine);
    const context = await BuildContext.create();
    const stack = await LabStack.create(lab, values({ lab, context }));
    const { PATH = "", DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG } = docker.env;
    const path = [PATH.split(delimiter)[0], stack.env.PATH].join(delimiter);
    Object.assign(stack.env, { PATH: path, DOCKER_CONFIG, DOCKER_HOST, BUILDX_CONFIG });
    const dockers = await Calls.of(stack, "docker");
    const engines = await Calls.of(stack);
    this.#started = { lab, host: hostOf(lab), operator, stack, docker, context, engines, dockers };
  }

  async #stop(): Promise<void> {
    for (const one of ["engines", "dockers", "stack", "context", "docker"] as const)
      await this.#started?.[one][Symbol.asyncDispose]();
  }
}
