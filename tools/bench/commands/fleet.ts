import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Milliseconds } from "../../../core/words.ts";
import type { LabHost } from "../../../lab/host.ts";
import type { Lab } from "../../../lab/lab.ts";
import type { Traffic } from "../../../lab/traffic.ts";
import type { MeasuredRun } from "../measured-run.ts";
import { TreeMemory } from "../tree-memory.ts";
import { type CountedWay, counted } from "../way.ts";
import type { InstalledProject, Watch } from "./installed.ts";
import { COMMANDS, type CommandName } from "./result.ts";
import { readTrace, type TracedEvent } from "./trace.ts";

/** One command, and what went to and from each host. */
export interface CommandRun extends MeasuredRun {
  readonly traffic: readonly Traffic[];
}

/** A command of which more was seen, which costs time: its clock is not one to compare. */
export interface WatchedRun extends CommandRun {
  readonly memory_mb: number;
  readonly trace: readonly TracedEvent[];
  /** The moment of its start, by the clock of the trace. */
  readonly started: Date;
}

/** An app of the installed package on some hosts, reached through relays that delay and count. */
export class CommandFleet implements AsyncDisposable {
  readonly hosts: readonly LabHost[];
  readonly #lab: Lab;
  readonly #project: InstalledProject;
  readonly #rtt: Milliseconds;
  #way: CountedWay | undefined;
  #images = 0;

  constructor(lab: Lab, project: InstalledProject, hosts: readonly LabHost[], rtt: Milliseconds) {
    this.#lab = lab;
    this.#project = project;
    this.hosts = hosts;
    this.#rtt = rtt;
  }

  /** Hosts and state without anything of the app. */
  async reset(): Promise<void> {
    await this.#way?.[Symbol.asyncDispose]();
    await Promise.all(this.hosts.map((host) => host.reset()));
    await this.#project.forget();
    this.#way = await counted(this.hosts, this.#rtt);
    await this.#project.configure({ servers: { web: { hosts: this.#way.to(this.hosts) } } });
    await this.newVersion();
  }

  /** An image that the hosts have never seen, with a layer of its own, is what the next deploy releases. */
  async newVersion(): Promise<void> {
    this.#images += 1;
    const tag = `r${this.#images}-${Date.now().toString(36)}`;
    const { ref } = await this.#lab.image("bench", tag, {}, { files: [{ name: "release", content: tag }] });
    await this.#project.configure({ image: ref });
  }

  /** Runs a command as its user types it. A failure ends the bench. */
  async run(name: CommandName, watch?: Watch): Promise<CommandRun> {
    const since = this.#way?.count() ?? (() => []);
    const { typed } = COMMANDS[name];
    const run = await this.#project.run(typed.split(" ").slice(1), watch);
    if (run.code !== 0) throw new Error(`${typed}: exit code ${run.code}\n${run.output}`);
    return { ...run, traffic: since() };
  }

  /** Watches processes and requests as well. */
  async watched(name: CommandName): Promise<WatchedRun> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-trace-"));
    const trace = join(folder, "trace.ndjson");
    const memory = new TreeMemory();
    try {
      const started = new Date();
      const run = await this.run(name, { trace, watch: (pid) => memory.watch(pid) });
      return { ...run, memory_mb: await memory.peak(), trace: await readTrace(trace), started };
    } finally {
      await memory.peak();
      await rm(folder, { recursive: true, force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#way?.[Symbol.asyncDispose]();
  }
}
