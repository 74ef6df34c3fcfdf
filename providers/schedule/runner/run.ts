import type { Engine, Inspected, Listed } from "./engine.ts";
import { messageOf } from "./print.ts";
import { type Entry, isLeaving, LABELS, LEAVING } from "./schedule.ts";

/** Something that happened to an entry. */
export interface Event {
  readonly event: "started" | "skipped" | "ended" | "failed" | "stopped" | "removed";
  readonly entry: string;
  readonly [more: string]: unknown;
}

export type Log = (event: Event) => void;

const RUNNING: ReadonlySet<string> = new Set(["running", "paused", "restarting"]);

/** The runs of one entry: starts its containers, waits for them, stops what takes too long. */
export class Runs {
  readonly #engine: Engine;
  readonly #scheduler: string;
  readonly #entry: Entry;
  readonly #log: Log;

  constructor(engine: Engine, scheduler: string, entry: Entry, log: Log) {
    this.#engine = engine;
    this.#scheduler = scheduler;
    this.#entry = entry;
    this.#log = log;
  }

  /** One run, from start to end. Errors are logged, never thrown: the next run must still start. */
  async once(): Promise<void> {
    const { name, concurrency } = this.#entry;
    try {
      const own = await this.#own();
      const running = own.filter(({ state }) => RUNNING.has(state));
      if (concurrency === "forbid" && running.length > 0)
        return this.#log({
          event: "skipped",
          entry: name,
          because: `${running.map((one) => one.name).join(", ")} is still running`,
        });
      await this.#tidy(own);
      const containers = concurrency === "forbid" ? this.#entry.containers : await this.#copies();
      // By id: a container that is replaced while it runs is renamed.
      const ids = await Promise.all(containers.map(async (name) => (await this.#engine.inspect(name)).Id));
      await this.#start(ids);
      this.#log({ event: "started", entry: name, containers });
      await this.#follow(ids, Date.now());
    } catch (thrown) {
      this.#log({ event: "failed", entry: name, error: messageOf(thrown) });
    }
  }

  /** Follows the runs that an earlier scheduler started. */
  async resume(): Promise<void> {
    try {
      const running = (await this.#own()).filter(({ state }) => RUNNING.has(state));
      // The first container of an entry decides when the run ends.
      const rank = ({ name }: Listed) => this.#entry.containers.indexOf(name.replace(LEAVING, ""));
      const current = running.filter((one) => rank(one) >= 0).sort((a, b) => rank(a) - rank(b));
      const groups = [current, ...running.filter((one) => rank(one) < 0).map((copy) => [copy])].filter(
        ([first]) => first !== undefined,
      );
      await Promise.all(
        groups.map(async (group) =>
          this.#follow(
            group.map(({ id }) => id),
            await this.#startOf(group[0]?.id ?? ""),
          ),
        ),
      );
      await this.#tidy(await this.#own());
    } catch (thrown) {
      this.#log({ event: "failed", entry: this.#entry.name, error: messageOf(thrown) });
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

  async #follow(containers: readonly string[], began: number): Promise<void> {
    const { name, timeout } = this.#entry;
    const [first = "", ...others] = containers;
    const { late, cancel } = timer(began + timeout * 1000 - Date.now());
    const ended = this.#engine.ended(first);
    // If the timeout wins, its rejection must not go unhandled.
    ended.catch(() => {});
    const code = await Promise.race([ended, late]);
    cancel();
    // The others have no purpose without the first one.
    await Promise.all((code === undefined ? containers : others).map((container) => this.#engine.stop(container)));
    const codes = await Promise.all(containers.map((container) => this.#engine.ended(container)));
    const seconds = Math.round((Date.now() - began) / 100) / 10;
    const event =
      code === undefined ? { event: "stopped" as const, because: `it took more than ${timeout} s` } : { event: "ended" as const };
    this.#log({ ...event, entry: name, codes, seconds });
    await this.#tidy(await this.#own());
  }

  async #own(): Promise<Listed[]> {
    const all = await this.#engine.list(LABELS.scheduled, this.#scheduler);
    return all.filter(({ labels }) => labels[LABELS.entry] === this.#entry.name);
  }

  /** Removes replaced containers that have ended, and all ended copies but the newest, whose result is shown by `slipway status`. */
  async #tidy(own: readonly Listed[]): Promise<void> {
    const ended = own.filter(({ state }) => !RUNNING.has(state));
    const copies = ended.filter(({ labels }) => labels[LABELS.run] !== undefined).sort((a, b) => b.created - a.created);
    const outdated = [...ended.filter(({ name }) => isLeaving(name)), ...copies.slice(1)];
    for (const { id, name } of outdated) {
      await this.#engine.remove(id);
      this.#log({ event: "removed", entry: this.#entry.name, container: name });
    }
  }

  async #copies(): Promise<string[]> {
    const run = Date.now().toString(36);
    const copies: string[] = [];
    for (const name of this.#entry.containers) {
      const copy = `${name}-run-${run}`;
      const original = await this.#engine.inspect(name);
      await this.#engine.create(copy, copyOf(original, run));
      copies.push(copy);
      for (const network of otherNetworks(original)) await this.#engine.connect(network, copy);
    }
    return copies;
  }
}

/** The keys of an inspected container that its copy gets. */
const COPIED_KEYS = ["Image", "Cmd", "Entrypoint", "Env", "User", "WorkingDir", "StopSignal", "StopTimeout"] as const;

function copyOf({ Config, HostConfig }: Inspected, run: string): object {
  const labels = { ...(Config.Labels as Record<string, string>), [LABELS.run]: run };
  return { ...Object.fromEntries(COPIED_KEYS.map((key) => [key, Config[key]])), Labels: labels, HostConfig };
}

const otherNetworks = ({ HostConfig, NetworkSettings }: Inspected): string[] =>
  Object.keys(NetworkSettings?.Networks ?? {}).filter((network) => network !== HostConfig.NetworkMode);

/** The longest delay that a timer supports. */
const MAX_DELAY_MS = 2 ** 31 - 1;

function timer(ms: number): { late: Promise<undefined>; cancel: () => void } {
  let handle: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    handle = setTimeout(() => resolve(undefined), Math.min(Math.max(0, ms), MAX_DELAY_MS));
  });
  return { late, cancel: () => clearTimeout(handle) };
}
