import type { Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { Reconnection } from "../stack/reconnection.ts";
import { Position } from "./position.ts";
import type { SourcedLine } from "./printer.ts";
import type { LogContainer, LogSource } from "./source.ts";

/** How long a lost host is retried. */
const RECONNECT_TIMEOUT: Seconds = 30;

export interface Following {
  readonly findAll: LogSource["findAll"];
  readonly print: (line: SourcedLine) => Promise<void>;
  readonly notice: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Follows the containers of one host: those that run, those that a deploy starts, and all of them again after a lost connection. */
export class Follower {
  readonly #host: Host;
  readonly #following: Following;
  readonly #positions: Map<string, Position>;
  readonly #reconnection: Reconnection;
  readonly #open = new Set<string>();
  readonly #finished = new Set<string>();
  /** Containers that were stopped already at the start: they write nothing more. */
  #stopped: ReadonlySet<string> | undefined;

  /** @param positions how far the log of a container was read already, by its id */
  constructor(host: Host, following: Following, positions: ReadonlyMap<string, Position>) {
    this.#host = host;
    this.#following = following;
    this.#positions = new Map(positions);
    const { notice, signal } = following;
    this.#reconnection = new Reconnection({
      host,
      timeout: RECONNECT_TIMEOUT,
      work: "following the logs",
      next: "check the host (slipway status), then follow again",
      notice,
      signal,
    });
  }

  /** Ends with the signal; rejects when the host stays unreachable. */
  run(): Promise<void> {
    return this.#reconnection.repeat(() => this.#poll());
  }

  async #poll(): Promise<void> {
    const found = await this.#following.findAll(this.#host);
    this.#stopped ??= new Set(found.filter(({ running }) => !running).map(({ id }) => id));
    for (const container of found) {
      const { id, running } = container;
      if (this.#open.has(id)) continue;
      if (running || !(this.#stopped.has(id) || this.#finished.has(id))) void this.#follow(container);
    }
  }

  async #follow(container: LogContainer): Promise<void> {
    const { print, signal } = this.#following;
    const { id } = container;
    const position = this.#positions.get(id) ?? new Position();
    this.#positions.set(id, position);
    this.#open.add(id);
    try {
      const isNew = position.reading();
      for await (const line of this.#host.docker.followLogs(id, { follow: true, since: position.since, signal }))
        if (isNew(line)) await print({ ...line, container });
      this.#finished.add(id);
    } catch (thrown) {
      this.#reconnection.lost(thrown);
    } finally {
      this.#open.delete(id);
    }
  }
}
