import { setTimeout as sleep } from "node:timers/promises";
import type { Milliseconds } from "../../core/words.ts";
import type { PushedImage } from "../../lab/app.ts";
import type { LoadResult } from "../../lab/client.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { addressesOf, LabStack, type Outcome } from "../../lab/stack.ts";
import { newLines } from "./output.ts";

export const HOST = "demo-1";
const RATE = 100;
/** Load before and after a run, so that the numbers hold both sides of it. */
const LEAD: Milliseconds = 1000;
const BROKEN_EXIT_CODE = 3;

/** What the demo plays on: one server of the lab, three versions of an app, and a stack. */
export class Stage implements AsyncDisposable {
  readonly lab: Lab;
  readonly host: LabHost;
  readonly stack: LabStack;
  readonly versions: Readonly<Record<"v1" | "v2" | "broken", PushedImage>>;

  private constructor(lab: Lab, stack: LabStack, versions: Stage["versions"]) {
    this.lab = lab;
    this.host = lab.host(HOST);
    this.stack = stack;
    this.versions = versions;
  }

  static async set(lab: Lab): Promise<Stage> {
    await lab.host(HOST).reset();
    const versions = {
      v1: await lab.image("demo-shop", "v1"),
      v2: await lab.image("demo-shop", "v2"),
      broken: await lab.image("demo-shop", "v3", { EXIT_AT_BOOT: String(BROKEN_EXIT_CODE) }),
    };
    await startStranger(lab);
    const stack = await LabStack.create(lab, {
      image: versions.v1.ref,
      destination: "demo",
      servers: { web: { hosts: addressesOf([lab.host(HOST)]) } },
    });
    return new Stage(lab, stack, versions);
  }

  get url(): string {
    return `http://${this.host.address}/version`;
  }

  /** What the app answers to anybody now. */
  async answer(): Promise<string> {
    const response = await fetch(this.url, { signal: AbortSignal.timeout(5000) });
    return `${response.status} ${(await response.text()).trim()}`;
  }

  /** One `pulumi` command as a user runs it; prints it with what is worth reading of its output. */
  async run(command: "up" | "up --skip-preview" | "preview" | "destroy"): Promise<Outcome> {
    const [verb = "", ...more] = command.split(" ");
    const yes = verb === "preview" ? [] : ["--yes"];
    console.log(`  $ pulumi ${command}`);
    const outcome = await this.stack.launch([verb, ...yes, ...more]).done;
    for (const line of newLines(outcome.output)) console.log(`    ${line}`);
    return outcome;
  }

  /** The same while others use the app: 100 requests a second, each over a connection of its own. */
  async runUnderLoad(command: "up --skip-preview", right: readonly string[]): Promise<{ outcome: Outcome; load: LoadResult }> {
    const expect = (status: number, body: string) => status === 200 && right.includes(body.trim());
    const load = await this.lab.load({ url: this.url, rate: RATE, expect });
    await sleep(LEAD);
    const outcome = await this.run(command);
    await sleep(LEAD);
    return { outcome, load: await load.stop() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack[Symbol.asyncDispose]();
    await this.host.reset();
  }
}

const STRANGER = "stranger";

/** A container that has nothing to do with us, as there are on real servers. */
async function startStranger(lab: Lab): Promise<void> {
  const { docker } = lab.host(HOST);
  const { ref } = await lab.image(STRANGER, "v1");
  const { username, password, server } = lab.registry;
  const pull = await docker.pull(ref, { authconfig: { username, password, serveraddress: server } });
  await new Promise((resolve, reject) =>
    docker.modem.followProgress(pull, (error, done) => (error ? reject(error) : resolve(done))),
  );
  const container = await docker.createContainer({
    name: STRANGER,
    Image: ref,
    HostConfig: { RestartPolicy: { Name: "always" } },
  });
  await container.start();
}

/** What is on the server beside the stranger, by name; a server's own networks and what the lab loaded do not count. */
export async function leftOn({ docker }: LabHost): Promise<string[]> {
  const [containers, networks, { Volumes: volumes }, images] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listNetworks(),
    docker.listVolumes(),
    docker.listImages(),
  ]);
  return [
    ...containers.map(({ Names, State }) => `container ${Names[0]?.slice(1)} (${State})`),
    ...networks.filter(({ Name }) => !["bridge", "host", "none"].includes(Name)).map(({ Name }) => `network ${Name}`),
    ...volumes.map(({ Name }) => `volume ${Name}`),
    ...images.flatMap(({ RepoTags, RepoDigests }) => RepoTags?.[0] ?? RepoDigests?.[0] ?? []).map((name) => `image ${name}`),
  ].filter((name) => !/^image .*(?:kamal-proxy|stranger)/.test(name));
}

export const STRANGER_RUNS = `container ${STRANGER} (running)`;
