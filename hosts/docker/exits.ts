import type { Readable } from "node:stream";
import type { Container } from "./answers.ts";
import { DieEvent } from "./answers.ts";
import { jsonLines } from "./streams.ts";
import type { DockerEngine } from "./transport.ts";

interface Waiter {
  readonly died: (code: number) => void;
  readonly failed: (error: unknown) => void;
}

/** Hears when containers of a host end. One event stream for all who wait, so that many of them still need one channel. */
export class Exits {
  readonly #engine: DockerEngine;
  readonly #inspect: (id: string) => Promise<Container | undefined>;
  readonly #waiters = new Map<string, Set<Waiter>>();
  #stream: Promise<Readable> | undefined;

  constructor(engine: DockerEngine, inspect: (id: string) => Promise<Container | undefined>) {
    this.#engine = engine;
    this.#inspect = inspect;
  }

  /** Settles when the container does not run (any more). */
  async of(id: string, signal: AbortSignal): Promise<{ code: number }> {
    signal.throwIfAborted();
    const unwanted = new AbortController();
    const died = new Promise<{ code: number }>((resolve, reject) => {
      const waiter: Waiter = { died: (code) => resolve({ code }), failed: reject };
      const among = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, among.add(waiter));
      const leave = () => this.#leave(id, waiter);
      unwanted.signal.addEventListener("abort", leave, { once: true });
      signal.addEventListener("abort", () => reject(signal.reason), { once: true, signal: unwanted.signal });
    });
    died.catch(() => {});
    try {
      this.#stream ??= this.#listen();
      await Promise.race([this.#stream, died]);
      // It may have ended before we listened.
      const now = await Promise.race([this.#inspect(id), died]);
      if (now === undefined) return { code: 0 };
      if ("code" in now) return now;
      if (!now.state.running && now.state.status !== "created") return { code: now.state.exitCode };
      return await died;
    } finally {
      unwanted.abort();
    }
  }

  #leave(id: string, waiter: Waiter): void {
    const among = this.#waiters.get(id);
    among?.delete(waiter);
    if (among?.size === 0) this.#waiters.delete(id);
    if (this.#waiters.size > 0) return;
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.then(
      (open) => open.destroy(),
      () => {},
    );
  }

  async #listen(): Promise<Readable> {
    try {
      const filters = { type: ["container"], event: ["die"] };
      const stream = (await this.#engine.ask(
        "events",
        (docker) => docker.getEvents({ filters: JSON.stringify(filters) }),
        "events",
      )) as Readable;
      void this.#hear(stream);
      return stream;
    } catch (error) {
      this.#stream = undefined;
      throw error;
    }
  }

  async #hear(stream: Readable): Promise<void> {
    let ended: unknown = new Error("Docker ended its stream of events");
    try {
      await this.#engine.ask(
        "hear events",
        async () => {
          for await (const value of jsonLines(stream)) {
            const event = DieEvent.safeParse(value);
            if (!event.success) continue;
            const { ID, Attributes } = event.data.Actor;
            for (const waiter of this.#waiting(ID, Attributes.name)) waiter.died(Number(Attributes.exitCode ?? 0));
          }
        },
        "events",
      );
    } catch (error) {
      ended = error;
    }
    // Those who left closed the stream themselves; a newer one has its own listeners.
    if ((await this.#stream?.catch(() => undefined)) !== stream) return;
    this.#stream = undefined;
    for (const waiter of [...this.#waiters.values()].flatMap((among) => [...among])) waiter.failed(ended);
  }

  #waiting(id: string, name: string | undefined): Waiter[] {
    return [...this.#waiters].flatMap(([wanted, among]) => (wanted === name || id.startsWith(wanted) ? [...among] : []));
  }
}
