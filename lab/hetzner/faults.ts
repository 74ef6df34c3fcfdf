import type { Seconds } from "../../core/words.ts";

/** What an action that fails says of itself. */
export interface ActionFailure {
  readonly code: string;
  readonly message: string;
}

/** What goes wrong at the provider, as a test sets it. Nothing does at first. */
export class Faults {
  /** At most so many servers are allowed; `undefined`: no limit. */
  servers: number | undefined;
  /** Told to whoever boots the machines: sshd of a new one comes up so much later. */
  sshDelay: Seconds = 0;
  /** A location in which there is no room for another server: `resource_unavailable`. */
  full: string | undefined;
  #limited = 0;
  #resetAfter: Seconds = 1;
  readonly #failing = new Map<string, ActionFailure[]>();

  /** The next calls are refused with 429; each says that the limit resets after that time. @example cloud.faults.limitRate(5) */
  limitRate(calls: number, resetAfter: Seconds = 1): void {
    this.#limited = calls;
    this.#resetAfter = resetAfter;
  }

  /** The next action of this command ends as an error, and what it was to do is not done. @example cloud.faults.failAction("create_server") */
  failAction(command: string, failure: ActionFailure = { code: "action_failed", message: "Action failed" }): void {
    this.#failing.set(command, [...(this.#failing.get(command) ?? []), failure]);
  }

  /** Takes one call off the limit; gives after how many seconds it resets, if it was hit. */
  takeLimit(): Seconds | undefined {
    if (this.#limited === 0) return undefined;
    this.#limited -= 1;
    return this.#resetAfter;
  }

  /** The failure that is in store for an action of this command. */
  takeFailure(command: string): ActionFailure | undefined {
    return this.#failing.get(command)?.shift();
  }
}
