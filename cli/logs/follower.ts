import { setTimeout as pause } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { reasonOf, SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { Position } from "./position.ts";
import type { SourcedLine } from "./printer.ts";
import type { LogContainer, LogSource } from "./source.ts";

/** How long a host that was lost is tried. */
const PATIENCE: Seconds = 30;
/** How soon a new container is seen. */
const LOOK: Milliseconds = 500;

export interface Following {
  readonly findAll: LogSource["findAll"];
  readonly tell: (line: SourcedLine) => Promise<void>;
  readonly notice: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Follows the containers of one host: those that run, those that a deploy starts, and all of them again after a lost connection. */
export class Follower {
  readonly #host: Host;
  readonly #following: Following;
  readonly #positions: Map<string, Position>;
  readonly #open = new Set<string>();
  readonly #finished = new Set<string>();
  /** What was there before us and did not run is over. */
  #before: ReadonlySet<string> | undefined;
  #trouble: Deadline | undefined;

  /** @param positions how far the log of a container was read already, by its id */
  constructor(host: Host, following: Following, positions: ReadonlyMap<string, Position>) {
    this.#host = host;
    this.#following = following;
    this.#positions = new Map(positions);
  }

  /** Ends with the signal; rejects when the host stays away. */
  async run(): Promise<void> {
    const { signal, notice } = this.#following;
    while (!signal.aborted) {
      try {
        await this.#look();
        if (this.#trouble !== undefined) notice(`${this.#host.name}: reached again`);
        this.#trouble = undefined;
      } catch (thrown) {
        if (this.#trouble?.passed) throw this.#givenUp(thrown);
        this.#troubled(thrown);
      }
      await pause(LOOK, undefined, { signal }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const found = await this.#following.findAll(this.#host);
    this.#before ??= new Set(found.filter(({ running }) => !running).map(({ id }) => id));
    for (const container of found) {
      const { id, running } = container;
      if (this.#open.has(id)) continue;
      if (running || !(this.#before.has(id) || this.#finished.has(id))) void this.#follow(container);
    }
  }

  async #follow(container: LogContainer): Promise<void> {
    const { tell, signal } = this.#following;
    const { id } = container;
    const position = this.#positions.get(id) ?? new Position();
    this.#positions.set(id, position);
    this.#open.add(id);
    try {
      const isNew = position.reading();
      for await (const line of this.#host.docker.followLogs(id, { follow: true, since: position.since, signal }))
        if (isNew(line)) await tell({ ...line, container });
      this.#finished.add(id);
    } catch (thrown) {
      if (!signal.aborted) this.#troubled(thrown);
    } finally {
      this.#open.delete(id);
    }
  }

  #troubled(thrown: unknown): void {
    const { notice, signal } = this.#following;
    if (this.#trouble !== undefined || signal.aborted) return;
    this.#trouble = Deadline.in(PATIENCE);
    notice(`${this.#host.name}: ${this.#reason(thrown)}; trying again for ${PATIENCE} s`);
  }

  /** A stream that is cut says `aborted`, and nothing of why. */
  #reason(thrown: unknown): string {
    const cut = thrown instanceof Error && "code" in thrown && thrown.code === "ECONNRESET";
    return cut ? "the connection was lost" : reasonOf(thrown, this.#host.name);
  }

  #givenUp(thrown: unknown): SlipwayError {
    const { name } = this.#host;
    return new SlipwayError(
      {
        what: `the logs of ${name} cannot be followed any more: it was not reached again within ${PATIENCE} s`,
        host: name,
        evidence: [this.#reason(thrown)],
        servesNow: `what served before; ${name} cannot be asked`,
        next: "check the host (slipway status), then follow again",
      },
      { cause: thrown },
    );
  }
}
