import { reasonOf } from "../../core/error.ts";
import { unlessAborted } from "../../core/unless-aborted.ts";
import type { Access, Host, Hosts } from "../../hosts/index.ts";
import { hostsAt } from "../stack/access.ts";
import { notice, printFailure } from "../terminal/failure.ts";
import { Follower } from "./follower.ts";
import { type Grep, LineFilter } from "./grep.ts";
import { lastOf, merged } from "./merge.ts";
import { Position } from "./position.ts";
import { LogPrinter, type SourcedLine } from "./printer.ts";
import { ReorderBuffer } from "./reorder-buffer.ts";
import type { LogContainer, LogSource } from "./source.ts";

export interface LogOptions {
  /** RFC 3339. */
  readonly since: string | undefined;
  /** The last lines of all containers together; `undefined` for all lines. */
  readonly lines: number | undefined;
  readonly grep?: Grep;
  /** Whether each line has its time. */
  readonly times?: "with times";
}

/** How it ended: with all lines of all hosts, with only some, by Ctrl-C, or because the output was closed. */
export type LogsEnd = "complete" | "incomplete" | "stopped" | "no reader";

/** One reading of the logs of several hosts, over one connection each. */
export class LogRun {
  readonly #source: LogSource;
  readonly #options: LogOptions;
  readonly #hosts: Hosts;
  readonly #chosen: readonly Host[];
  readonly #printer: LogPrinter;
  readonly #stop = new AbortController();
  readonly #positions = new Map<string, Position>();
  /** By container: it goes on from the lines that are there to those that come. */
  readonly #filters = new Map<string, LineFilter<SourcedLine>>();
  #end: LogsEnd = "complete";
  /** Why each host that could not be asked could not. */
  readonly #silent: unknown[] = [];
  #isFollowing = false;

  constructor(source: LogSource, access: Access, options: LogOptions) {
    this.#source = source;
    this.#options = options;
    this.#hosts = hostsAt(access);
    this.#chosen = source.hosts.map((address) => this.#hosts.at(address));
    this.#printer = new LogPrinter(process.stdout, () => this.#endWith("no reader"), options.times);
  }

  /** Ends it gracefully. */
  stop(): void {
    this.#endWith("stopped");
  }

  /** Prints existing lines. */
  async read(): Promise<LogsEnd> {
    try {
      const containers = await this.#orStopped(this.#find(), []);
      if (containers.length === 0 && !this.#stop.signal.aborted) throw this.#silent[0] ?? this.#source.nothing();
      await this.#orStopped(this.#print(containers), undefined);
      return this.#end;
    } finally {
      await this.#hosts.close();
    }
  }

  /** Prints existing lines, then new ones. */
  async follow(): Promise<LogsEnd> {
    this.#isFollowing = true;
    const window = new ReorderBuffer<SourcedLine>((line) => this.#printer.write(line));
    try {
      await this.#orStopped(this.#print(await this.#orStopped(this.#find(), [])), undefined);
      const following = {
        findAll: this.#source.findAll,
        print: async (line: SourcedLine) => {
          for (const shown of this.#shown(line)) await window.add(shown);
        },
        notice,
        signal: this.#stop.signal,
      };
      const followers = this.#chosen.map((host) => new Follower(host, following, this.#positions).run());
      for (const { reason } of (await Promise.allSettled(followers)).filter((ended) => ended.status === "rejected")) {
        printFailure(reason);
        this.#end = "incomplete";
      }
      await window.end();
      return this.#end;
    } finally {
      await this.#hosts.close();
    }
  }

  /** Ctrl-C does not wait for a host that is silent: closing the connections ends what is asked of it. */
  #orStopped<T>(work: Promise<T>, stopped: T): Promise<T> {
    return unlessAborted(work, this.#stop.signal, () => stopped);
  }

  #endWith(end: LogsEnd): void {
    this.#end = end;
    this.#stop.abort();
  }

  /** What is to be printed now that a line has come. */
  #shown(line: SourcedLine): readonly SourcedLine[] {
    const { grep } = this.#options;
    if (grep === undefined) return [line];
    const filter = this.#filters.get(line.container.id) ?? new LineFilter<SourcedLine>(grep);
    this.#filters.set(line.container.id, filter);
    return filter.add(line);
  }

  /** The containers of all hosts. An unreachable host is reported and does not hide the others. */
  async #find(): Promise<LogContainer[]> {
    const found = await Promise.all(
      this.#chosen.map(async (host) => {
        try {
          return await this.#source.find(host);
        } catch (thrown) {
          this.#silent.push(thrown);
          // The only host's reason is the error of the command, unless there is more to follow.
          const isWhole = this.#chosen.length === 1 && !this.#isFollowing;
          if (!this.#stop.signal.aborted && !isWhole) notice(`${host.name}: ${reasonOf(thrown, host.name)}`);
          if (this.#end === "complete") this.#end = "incomplete";
          return [];
        }
      }),
    );
    const wanted = found.flat();
    this.#printer.expect(wanted);
    return wanted;
  }

  async #print(containers: readonly LogContainer[]): Promise<void> {
    const { lines } = this.#options;
    for await (const line of lastOf(merged(containers.map((container) => this.#linesOf(container))), lines)) {
      if (this.#stop.signal.aborted) return;
      await this.#printer.write(line);
    }
  }

  async *#linesOf(container: LogContainer): AsyncGenerator<SourcedLine> {
    const { since, lines, grep } = this.#options;
    const host = this.#chosen.find(({ name }) => name === container.host);
    if (host === undefined) return;
    const position = new Position();
    this.#positions.set(container.id, position);
    const isNew = position.reading();
    // Docker counts lines before they are searched: with --grep, all lines are needed.
    const tail = grep === undefined && lines !== undefined ? Math.max(lines, 1) : undefined;
    for await (const line of host.docker.followLogs(container.id, { follow: false, since, tail, signal: this.#stop.signal })) {
      if (isNew(line)) yield* this.#shown({ ...line, container });
    }
  }
}
