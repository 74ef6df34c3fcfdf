import type { Readable } from "node:stream";
import type { Container } from "./answers.ts";
import { DieEvent } from "./answers.ts";
import { jsonLines } from "./streams.ts";
import type { DockerTransport } from "./transport.ts";

interface Waiter {
  readonly died: (code: number) => void;
  readonly failed: (error: unknown) => void;
}

/** Reports when containers of a host exit. All waiters share one event stream, and so one channel. */
export class Exits {
  readonly #transport: DockerTransport;
  readonly #inspect: (id: string) => Promise<Container | undefined>;
  readonly #waiters = new Map<string, Set<Waiter>>();
  #stream: Promise<Readable> | undefined;

  constructor(transport: DockerTransport, inspect: (id: string) => Promise<Container | undefined>) {
    this.#transport = transport;
    this.#inspect = inspect;
  }

  /** Settles when the container is not running (any more). */
  async of(id: string, signal: AbortSignal): Promise<{ code: number }> {
    signal.throwIfAborted();
    const unwanted = new AbortController();
    const died = new Promise<{ code: number }>((resolve, reject) => {
      const waiter: Waiter = { died: (code) => resolve({ code }), failed: reject };
      const waiters = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, waiters.add(waiter));
      const leave = () => this.#leave(id, waiter);
      unwanted.signal.addEventListener("abort", leave, { once: true });
      signal.addEventListener("abort", () => reject(signal.reason), { once: true, signal: unwanted.signal });
    });
    died.catch(() => {});
    try {
      this.#stream ??= this.#listen();
      await Promise.race([this.#stream, died]);
      // It may have exited before the stream was open.
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
    const waiters = this.#waiters.get(id);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(id);
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
      const stream = (await this.#transport.request(
        "events",
        (docker) => docker.getEvents({ filters: JSON.stringify(filters) }),
        { pace: "events" },
      )) as Readable;
      void this.#read(stream);
      return stream;
    } catch (error) {
      this.#stream = undefined;
      throw error;
    }
  }

  async #read(stream: Readable): Promise<void> {
    let ended: unknown = new Error("Docker ended its event stream");
    try {
      await this.#transport.request(
        "read events",
        async () => {
          for await (const value of jsonLines(stream)) {
            const event = DieEvent.safeParse(value);
            if (!event.success) continue;
            const { ID, Attributes } = event.data.Actor;
            for (const waiter of this.#waiting(ID, Attributes.name)) waiter.died(Number(Attributes.exitCode ?? 0));
          }
        },
        { pace: "events", isUnlimited: true },
      );
    } catch (error) {
      ended = error;
    }
    // The last waiter to leave closes the stream itself, and a newer stream has waiters of its own.
    if ((await this.#stream?.catch(() => undefined)) !== stream) return;
    this.#stream = undefined;
    for (const waiter of [...this.#waiters.values()].flatMap((waiters) => [...waiters])) waiter.failed(ended);
  }

  #waiting(id: string, name: string | undefined): Waiter[] {
    return [...this.#waiters].flatMap(([wanted, waiters]) => (wanted === name || id.startsWith(wanted) ? [...waiters] : []));
  }
}
