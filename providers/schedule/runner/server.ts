import { setTimeout as sleep } from "node:timers/promises";
import { type Engine, Refusal } from "./engine.ts";
import type { Journal } from "./journal.ts";
import type { SwapSpec } from "./swap-spec.ts";
import type { Server } from "./swapping.ts";

const POLL_INTERVAL_MS = 200;
const LOG_LINES = 8;

/** A container whose server is stopped and started through Docker. */
export class ServerInContainer implements Server {
  readonly #engine: Engine;
  readonly #spec: SwapSpec;
  readonly #journal: Journal;

  constructor(engine: Engine, spec: SwapSpec, journal: Journal) {
    this.#engine = engine;
    this.#spec = spec;
    this.#journal = journal;
  }

  async stop(): Promise<void> {
    const { container, grace } = this.#spec;
    await this.#holdBack();
    await this.#engine.stop(container, grace);
  }

  async start(): Promise<void> {
    await this.#engine.ensureStarted(this.#spec.container);
    if (this.#journal.has(ALWAYS)) await this.#engine.setRestart(this.#spec.container, "always");
  }

  async ready(): Promise<void> {
    const { container, ready } = this.#spec;
    const end = performance.now() + (ready?.timeout ?? 0) * 1000;
    for (;;) {
      const { State: state } = await this.#engine.inspect(container);
      if (!state.Running || state.Restarting) throw new Error(`the server ended with code ${state.ExitCode}`);
      if (ready === undefined || (await this.#answers(ready.command))) return;
      if (performance.now() > end) throw new Error(`the server was not ready within ${ready.timeout} s`);
      await sleep(POLL_INTERVAL_MS);
    }
  }

  lastLogs(): Promise<string[]> {
    return this.#engine.lastLogs(this.#spec.container, LOG_LINES);
  }

  /** Docker starts one that restarts always again when the machine boots, also one that was stopped: it would run on half of either data. */
  async #holdBack(): Promise<void> {
    const { container } = this.#spec;
    const { HostConfig } = await this.#engine.inspect(container);
    if (HostConfig.RestartPolicy?.Name !== "always") return;
    await this.#journal.write(ALWAYS);
    await this.#engine.setRestart(container, "unless-stopped");
  }

  /** Docker refuses a command in a container that has ended; the next look says so. */
  async #answers(command: readonly string[]): Promise<boolean> {
    try {
      return (await this.#engine.exec(this.#spec.container, command)) === 0;
    } catch (thrown) {
      if (thrown instanceof Refusal) return false;
      throw thrown;
    }
  }
}

const ALWAYS = "restarts-always";
