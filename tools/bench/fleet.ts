import type { Seconds } from "../../core/words.ts";
import type { PushedImage } from "../../lab/app.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabStack } from "../../lab/stack.ts";
import { swapWithPlainDocker } from "./limit.ts";
import { median, type NoopRow, type ReleaseRow, rounded } from "./result.ts";
import { imageOnHost, servingAfter, slipway, swap, up } from "./stack-run.ts";
import { direct, type Way } from "./way.ts";

interface Noop {
  readonly up: Seconds;
  readonly mutations: number;
  readonly connections: number;
  readonly dockerCalls: number;
}

interface Release {
  readonly up: Seconds;
  readonly toSwitch: Seconds;
  readonly limit: Seconds;
}

/** One stack on some of the hosts, and the durations of its runs. */
export class BenchFleet implements AsyncDisposable {
  readonly hosts: readonly LabHost[];
  readonly #stack: LabStack;
  readonly #hostName: string;
  readonly #images: readonly [PushedImage, PushedImage];
  readonly #noops: Noop[] = [];
  readonly #releases: Release[] = [];
  #version = 0;

  private constructor(stack: LabStack, hosts: readonly LabHost[], images: readonly [PushedImage, PushedImage], hostName: string) {
    this.#stack = stack;
    this.#hostName = hostName;
    this.hosts = hosts;
    this.#images = images;
  }

  /** Deploys the first version. */
  static async deploy(lab: Lab, hosts: readonly LabHost[], way: Way = direct(hosts)): Promise<BenchFleet> {
    const images = [await lab.image("bench", "v1"), await lab.image("bench", "v2")] as const;
    const service = `bench${hosts.length}${way.name}`;
    const stack = await LabStack.create(lab, {
      service,
      image: images[0].ref,
      servers: { web: { hosts: way.to(hosts) } },
      proxy: { app_port: 3000, host: `${service}.test` },
    });
    const fleet = new BenchFleet(stack, hosts, images, `${service}.test`);
    await up(stack);
    return fleet;
  }

  /** One run without changes. */
  async measureNoop(): Promise<void> {
    const since = new Date();
    const { seconds, trace } = await up(this.#stack);
    const mutations = (await Promise.all(this.hosts.map((host) => host.mutations(since)))).flat();
    for (const { type, action, name, at } of mutations)
      console.error(`bench: a run without changes: ${at.toISOString()} ${type} ${action} ${name}`);
    const connections = this.hosts.map(
      ({ name }) => trace.filter(({ kind, host }) => kind === "connect" && host === name).length,
    );
    this.#noops.push({
      up: seconds,
      mutations: mutations.length,
      connections: Math.max(...connections),
      dockerCalls: trace.filter(({ kind }) => kind === "docker").length,
    });
  }

  /** One release of the other version, and right after it the same swap without Slipway, so that noise affects both. */
  async measureRelease(): Promise<void> {
    const image = this.#next();
    const { seconds, output } = await swap(this.#stack, image);
    const limit = await swapWithPlainDocker(this.hosts, imageOnHost(image));
    this.#releases.push({ up: seconds, toSwitch: servingAfter(output), limit });
  }

  /** Discards the measurements of the warm-up. */
  forget(): void {
    this.#noops.length = 0;
    this.#releases.length = 0;
  }

  /** `slipway deploy` with nothing to do. An image that a failed release of a different stack left on the host is removed first. */
  async deployNoop(): Promise<Seconds> {
    await slipway(this.#stack, "deploy", "--yes");
    const start = performance.now();
    await slipway(this.#stack, "deploy", "--yes");
    return (performance.now() - start) / 1000;
  }

  /** Swaps back and forth under constant load on every host; every request must be answered by one of the two versions. */
  async swapsUnderLoad(lab: Lab, count: number, rate: number): Promise<{ requests: number; failed: number }> {
    const host = this.#hostName;
    const expect = (status: number, body: string) => status === 200 && /^v[12]\s*$/.test(body);
    const loads = await Promise.all(
      this.hosts.map(({ address }) => lab.load({ url: `http://${address}/version`, host, rate, expect, limit: 30 * count })),
    );
    for (let done = 0; done < count; done += 1) await swap(this.#stack, this.#next());
    const ends = await Promise.all(loads.map((load) => load.stop()));
    const sum = (of: (end: (typeof ends)[number]) => number) => ends.reduce((total, end) => total + of(end), 0);
    return { requests: sum(({ requests }) => requests), failed: sum(({ failed, wrong }) => failed + wrong) };
  }

  get noop(): NoopRow {
    const of = (value: (noop: Noop) => number) => this.#noops.map(value);
    return {
      hosts: this.hosts.length,
      up_s: rounded(median(of(({ up }) => up))),
      mutations: of(({ mutations }) => mutations).reduce((sum, one) => sum + one, 0),
      ssh_connections: Math.max(...of(({ connections }) => connections)),
      docker_calls: median(of(({ dockerCalls }) => dockerCalls)),
    };
  }

  get release(): ReleaseRow {
    const of = (value: (release: Release) => number) => rounded(median(this.#releases.map(value)));
    return {
      hosts: this.hosts.length,
      up_s: of(({ up }) => up),
      to_switch_s: of(({ toSwitch }) => toSwitch),
      limit_s: of(({ limit }) => limit),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }

  #next(): PushedImage {
    this.#version = 1 - this.#version;
    return this.#version === 0 ? this.#images[0] : this.#images[1];
  }
}
