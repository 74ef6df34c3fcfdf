import type { Milliseconds, Seconds } from "../../core/words.ts";
import type { PushedImage } from "../../lab/app.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { LabStack } from "../../lab/stack.ts";
import { swapWithPlainDocker } from "./limit.ts";
import { providerMemory } from "./memory.ts";
import { type FleetRow, median, rounded } from "./result.ts";
import { imageOnHost, servingAfter, slipway, swap, up } from "./stack-run.ts";
import type { Way } from "./way.ts";

interface Images {
  readonly v1: PushedImage;
  readonly v2: PushedImage;
  readonly exits: PushedImage;
}

type Measure = Exclude<keyof FleetRow, "hosts" | "rtt_ms">;

/** Measures an app on three hosts, web on two and a worker on the third, with additional latency of SSH. */
export class RolesBench implements AsyncDisposable {
  readonly #stack: LabStack;
  readonly #hosts: readonly LabHost[];
  readonly #rtt: Milliseconds;
  readonly #images: Images;
  readonly #taken: Record<Measure, number[]> = {
    noop_s: [],
    to_switch_s: [],
    limit_s: [],
    rollback_s: [],
    exit_reported_s: [],
    deploy_noop_s: [],
    rss_mb: [],
  };

  private constructor(stack: LabStack, hosts: readonly LabHost[], rtt: Milliseconds, images: Images) {
    this.#stack = stack;
    this.#hosts = hosts;
    this.#rtt = rtt;
    this.#images = images;
  }

  static async deploy(lab: Lab, way: Way): Promise<RolesBench> {
    const [v1, v2] = [await lab.image("bench", "v1"), await lab.image("bench", "v2")];
    const exits = await lab.image("bench", "exits", { EXIT_AT_BOOT: "1", BOOT_DELAY_MS: "300" });
    const stack = await LabStack.create(lab, {
      service: `roles${way.name}`,
      image: v1.ref,
      readiness_delay: 0,
      servers: {
        web: { hosts: way.to(lab.hosts.slice(0, 2)) },
        worker: { hosts: way.to(lab.hosts.slice(2)), cmd: "/app worker" },
      },
      proxy: { app_port: 3000, host: `roles${way.name}.test` },
    });
    const bench = new RolesBench(stack, lab.hosts, way.rtt, { v1, v2, exits });
    await up(stack);
    return bench;
  }

  /** Every row of times once. */
  async measure(): Promise<void> {
    const taken = this.#taken;
    taken.noop_s.push((await up(this.#stack)).seconds);
    taken.to_switch_s.push(servingAfter((await swap(this.#stack, this.#images.v2)).output));
    taken.limit_s.push(await swapWithPlainDocker(this.#hosts.slice(0, 2), imageOnHost(this.#images.v2)));
    taken.rollback_s.push(servingAfter(await slipway(this.#stack, "rollback", "--yes")));
    taken.exit_reported_s.push(await this.#exitReported());
  }

  /** Watching processes slows them down, so this is separate from the timed runs. */
  async measureMemory(): Promise<void> {
    this.#taken.rss_mb.push(await providerMemory(() => swap(this.#stack, this.#images.v2)));
  }

  /** `slipway deploy` of a different stack, on one host, with this latency. */
  noteDeploy(seconds: Seconds): void {
    this.#taken.deploy_noop_s.push(seconds);
  }

  /** Discards the measurements of the warm-up. */
  forget(): void {
    for (const values of Object.values(this.#taken)) values.length = 0;
  }

  row(): FleetRow {
    const of = (key: Measure) => rounded(median(this.#taken[key]));
    return {
      hosts: this.#hosts.length,
      rtt_ms: this.#rtt,
      noop_s: of("noop_s"),
      to_switch_s: of("to_switch_s"),
      limit_s: of("limit_s"),
      rollback_s: of("rollback_s"),
      exit_reported_s: of("exit_reported_s"),
      deploy_noop_s: of("deploy_noop_s"),
      rss_mb: Math.max(...this.#taken.rss_mb),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }

  /** From the exit of the container, by its host's clock (which is this machine's), to the error on the screen. */
  async #exitReported(): Promise<Seconds> {
    const since = new Date();
    await this.#stack.configure({ image: this.#images.exits.ref });
    const running = this.#stack.launch(["up", "--yes", "--skip-preview"]);
    await running.saw("exited with code 1");
    const reported = Date.now();
    const { code } = await running.done;
    if (code === 0) throw new Error("an image that exits was released");
    const deaths = (await Promise.all(this.#hosts.map((host) => host.mutations(since)))).flat();
    const first = Math.min(...deaths.filter(({ action }) => action === "die").map(({ at }) => at.getTime()));
    await this.#stack.configure({ image: this.#images.v1.ref });
    return (reported - first) / 1000;
  }
}
