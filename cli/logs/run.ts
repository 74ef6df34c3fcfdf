import { NOTHING_TOUCHED, reasonOf, SlipwayError } from "../../core/error.ts";
import type { Host, Hosts } from "../../hosts/index.ts";
import { chooseHosts, chooseRoles } from "../choice.ts";
import { findAll, findLive, isOf, type LiveContainer } from "../facts.ts";
import { notice, tellFailure } from "../failure.ts";
import { hostsAt } from "../reach.ts";
import type { Stack } from "../stack.ts";
import { Follower } from "./follower.ts";
import { lastOf, merged } from "./merge.ts";
import { Paper, type Told } from "./paper.ts";
import { Position } from "./position.ts";
import { Window } from "./window.ts";

export interface LogOptions {
  /** RFC 3339. */
  readonly since: string | undefined;
  /** The last ones of all; `undefined` is every line. */
  readonly lines: number | undefined;
  readonly grep?: string;
  readonly role?: readonly string[];
  readonly host?: readonly string[];
  readonly release?: string;
}

/** How it came to an end: all lines of all hosts, not all of them, by the person, or because nobody reads any more. */
export type LogsEnd = "complete" | "incomplete" | "stopped" | "no reader";

/** One reading of the logs of a stack's hosts, over one connection each. */
export class LogRun {
  readonly #stack: Stack;
  readonly #options: LogOptions;
  readonly #hosts: Hosts;
  readonly #chosen: readonly Host[];
  readonly #roles: ReadonlySet<string>;
  readonly #paper: Paper;
  readonly #stop = new AbortController();
  readonly #positions = new Map<string, Position>();
  #end: LogsEnd = "complete";

  constructor(stack: Stack, options: LogOptions) {
    this.#stack = stack;
    this.#options = options;
    this.#roles = new Set(chooseRoles(stack.inputs, options.role));
    this.#hosts = hostsAt(stack.access);
    this.#chosen = chooseHosts(stack.inputs, options.host).map((address) => this.#hosts.at(address));
    this.#paper = new Paper(process.stdout, () => this.#endWith("no reader"));
  }

  /** Ends it in good order. */
  stop(): void {
    this.#endWith("stopped");
  }

  /** What there is. */
  async read(): Promise<LogsEnd> {
    try {
      const containers = await this.#find();
      if (containers.length === 0 && !this.#stop.signal.aborted) throw this.#nothing();
      await this.#print(containers);
      return this.#end;
    } finally {
      await this.#hosts.close();
    }
  }

  /** What there is, then what comes. */
  async follow(): Promise<LogsEnd> {
    const window = new Window<Told>((line) => this.#paper.write(line));
    try {
      await this.#print(await this.#find());
      const following = {
        inputs: this.#stack.inputs,
        wants: (container: LiveContainer) => this.#wants(container),
        tell: async (line: Told) => (this.#isWanted(line) ? window.add(line) : undefined),
        notice,
        signal: this.#stop.signal,
      };
      const followers = this.#chosen.map((host) => new Follower(host, following, this.#positions).run());
      for (const { reason } of (await Promise.allSettled(followers)).filter((ended) => ended.status === "rejected")) {
        tellFailure(reason);
        this.#end = "incomplete";
      }
      await window.end();
      return this.#end;
    } finally {
      await this.#hosts.close();
    }
  }

  #endWith(end: LogsEnd): void {
    this.#end = end;
    this.#stop.abort();
  }

  #wants(container: LiveContainer): boolean {
    const { release } = this.#options;
    return this.#roles.has(container.role) && (release === undefined || isOf(release, this.#stack.inputs, container));
  }

  #isWanted({ text }: Told): boolean {
    return this.#options.grep === undefined || text.includes(this.#options.grep);
  }

  /** The live ones, or those of the release that was named. A host that cannot be asked is told, and does not hide the others. */
  async #find(): Promise<LiveContainer[]> {
    const { inputs } = this.#stack;
    const find = this.#options.release === undefined ? findLive : findAll;
    const found = await Promise.all(
      this.#chosen.map(async (host) => {
        try {
          return await find(inputs, host);
        } catch (thrown) {
          if (!this.#stop.signal.aborted) notice(`${host.name}: ${reasonOf(thrown, host.name)}`);
          if (this.#end === "complete") this.#end = "incomplete";
          return [];
        }
      }),
    );
    const wanted = found.flat().filter((container) => this.#wants(container));
    this.#paper.expect(wanted);
    return wanted;
  }

  async #print(containers: readonly LiveContainer[]): Promise<void> {
    const { lines } = this.#options;
    for await (const line of lastOf(merged(containers.map((container) => this.#linesOf(container))), lines)) {
      if (this.#stop.signal.aborted) return;
      await this.#paper.write(line);
    }
  }

  async *#linesOf(container: LiveContainer): AsyncGenerator<Told> {
    const { since, lines, grep } = this.#options;
    const host = this.#chosen.find(({ name }) => name === container.host);
    if (host === undefined) return;
    const position = new Position();
    this.#positions.set(container.id, position);
    const isNew = position.reading();
    // Docker counts before anybody searches: with a text to look for, all lines must come.
    const tail = grep === undefined && lines !== undefined ? Math.max(lines, 1) : undefined;
    for await (const line of host.docker.lines(container.id, { follow: false, since, tail, signal: this.#stop.signal })) {
      const told = { ...line, container };
      if (isNew(line) && this.#isWanted(told)) yield told;
    }
  }

  #nothing(): SlipwayError {
    const { release, role, host } = this.#options;
    const which = [...(role ?? []), ...(host ?? [])].join(", ");
    return new SlipwayError({
      what: `no container of ${release === undefined ? "the live release" : `release ${release}`} was found${which === "" ? "" : ` for ${which}`}`,
      servesNow: NOTHING_TOUCHED,
      next: "slipway status shows what there is; --release names another release",
    });
  }
}
