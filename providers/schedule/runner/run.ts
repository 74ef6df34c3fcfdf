import type { Engine, Inspected, Listed } from "./engine.ts";
import { messageOf } from "./print.ts";
import { type Entry, isLeaving, LABELS, LEAVING } from "./schedule.ts";

/** What happened with an entry. */
export interface Event {
  readonly event: "started" | "skipped" | "ended" | "failed" | "stopped" | "removed";
  readonly entry: string;
  readonly [more: string]: unknown;
}

export type Tell = (event: Event) => void;

const RUNNING: ReadonlySet<string> = new Set(["running", "paused", "restarting"]);

/** The runs of one entry: starts its containers, waits for them, stops what takes too long. */
export class Runs {
  readonly #engine: Engine;
  readonly #scheduler: string;
  readonly #entry: Entry;
  readonly #tell: Tell;

  constructor(engine: Engine, scheduler: string, entry: Entry, tell: Tell) {
    this.#engine = engine;
    this.#scheduler = scheduler;
    this.#entry = entry;
    this.#tell = tell;
  }

  /** One run, from its start to its end. What goes wrong is told, never thrown: the next run has its own chance. */
  async once(): Promise<void> {
    const { name, concurrency } = this.#entry;
    try {
      const own = await this.#own();
      const running = own.filter(({ state }) => RUNNING.has(state));
      if (concurrency === "forbid" && running.length > 0)
        return this.#tell({ event: "skipped", entry: name, because: `${running.map((one) => one.name).join(", ")} still runs` });
      await this.#tidy(own);
      const containers = concurrency === "forbid" ? this.#entry.containers : await this.#copies();
      // By id: one that is replaced while it runs gets another name.
      const ids = await Promise.all(containers.map(async (name) => (await this.#engine.inspect(name)).Id));
      await this.#start(ids);
      this.#tell({ event: "started", entry: name, containers });
      await this.#see(ids, Date.now());
    } catch (thrown) {
      this.#tell({ event: "failed", entry: name, error: messageOf(thrown) });
    }
  }

  /** Goes on with what another scheduler before this one started. */
  async resume(): Promise<void> {
    try {
      const running = (await this.#own()).filter(({ state }) => RUNNING.has(state));
      // The one that counts comes first in the entry.
      const rank = ({ name }: Listed) => this.#entry.containers.indexOf(name.replace(LEAVING, ""));
      const together = running.filter((one) => rank(one) >= 0).sort((a, b) => rank(a) - rank(b));
      const groups = [together, ...running.filter((one) => rank(one) < 0).map((copy) => [copy])].filter(
        ([first]) => first !== undefined,
      );
      await Promise.all(
        groups.map(async (group) =>
          this.#see(
            group.map(({ id }) => id),
            await this.#startOf(group[0]?.id ?? ""),
          ),
        ),
      );
      await this.#tidy(await this.#own());
    } catch (thrown) {
      this.#tell({ event: "failed", entry: this.#entry.name, error: messageOf(thrown) });
    }
  }

  /** All or none. */
  async #start(containers: readonly string[]): Promise<void> {
    try {
      for (const container of containers) await this.#engine.start(container);
    } catch (thrown) {
      await Promise.all(containers.map((container) => this.#engine.stop(container)));
      throw thrown;
    }
  }

  async #startOf(id: string): Promise<number> {
    return Date.parse((await this.#engine.inspect(id)).State.StartedAt);
  }

  async #see(containers: readonly string[], began: number): Promise<void> {
    const { name, timeout } = this.#entry;
    const [first = "", ...others] = containers;
    const { late, over } = alarm(began + timeout * 1000 - Date.now());
    const ended = this.#engine.ended(first);
    // Nobody may be left to hear it.
    ended.catch(() => {});
    const code = await Promise.race([ended, late]);
    over();
    // Without the first one, the others have nobody to work for.
    await Promise.all((code === undefined ? containers : others).map((container) => this.#engine.stop(container)));
    const codes = await Promise.all(containers.map((container) => this.#engine.ended(container)));
    const seconds = Math.round((Date.now() - began) / 100) / 10;
    const event =
      code === undefined ? { event: "stopped" as const, because: `it took more than ${timeout} s` } : { event: "ended" as const };
    this.#tell({ ...event, entry: name, codes, seconds });
    await this.#tidy(await this.#own());
  }

  async #own(): Promise<Listed[]> {
    const all = await this.#engine.list(LABELS.scheduled, this.#scheduler);
    return all.filter(({ labels }) => labels[LABELS.entry] === this.#entry.name);
  }

  /** What left when it was replaced goes, and of the copies all but the newest that ended: its result is to be seen. */
  async #tidy(own: readonly Listed[]): Promise<void> {
    const over = own.filter(({ state }) => !RUNNING.has(state));
    const copies = over.filter(({ labels }) => labels[LABELS.run] !== undefined).sort((a, b) => b.created - a.created);
    const gone = [...over.filter(({ name }) => isLeaving(name)), ...copies.slice(1)];
    for (const { id, name } of gone) {
      await this.#engine.remove(id);
      this.#tell({ event: "removed", entry: this.#entry.name, container: name });
    }
  }

  async #copies(): Promise<string[]> {
    const run = Date.now().toString(36);
    const copies: string[] = [];
    for (const name of this.#entry.containers) {
      const copy = `${name}-run-${run}`;
      await this.#engine.create(copy, copyOf(await this.#engine.inspect(name), run));
      copies.push(copy);
    }
    return copies;
  }
}

/** What Docker takes of what it tells of a container. */
const TAKEN = ["Image", "Cmd", "Entrypoint", "Env", "User", "WorkingDir", "StopSignal", "StopTimeout"] as const;

function copyOf({ Config, HostConfig }: Inspected, run: string): object {
  const labels = { ...(Config.Labels as Record<string, string>), [LABELS.run]: run };
  return { ...Object.fromEntries(TAKEN.map((key) => [key, Config[key]])), Labels: labels, HostConfig };
}

/** Longer waits than a timer can hold. */
const LONGEST_MS = 2 ** 31 - 1;

function alarm(ms: number): { late: Promise<undefined>; over: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.min(Math.max(0, ms), LONGEST_MS));
  });
  return { late, over: () => clearTimeout(timer) };
}
