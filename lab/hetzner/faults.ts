import type { Seconds } from "../../core/words.ts";

/** The error of a failed action. */
export interface ActionFailure {
  readonly code: string;
  readonly message: string;
}

/** Faults at the provider, set by a test. None by default. */
export class Faults {
  /** The most servers that are allowed; `undefined`: no limit. */
  servers: number | undefined;
  /** Delay of sshd on a new machine. */
  sshDelay: Seconds = 0;
  /** A location without room for a further server: `resource_unavailable`. */
  full: string | undefined;
  #limited = 0;
  #resetAfter: Seconds = 1;
  readonly #failing = new Map<string, ActionFailure[]>();

  /** The next calls are refused with 429, which says that the limit resets after that time. @example cloud.faults.limitRate(5) */
  limitRate(calls: number, resetAfter: Seconds = 1): void {
    this.#limited = calls;
    this.#resetAfter = resetAfter;
  }

  /** The next action of this command fails, without an effect. @example cloud.faults.failAction("create_server") */
  failAction(command: string, failure: ActionFailure = { code: "action_failed", message: "Action failed" }): void {
    this.#failing.set(command, [...(this.#failing.get(command) ?? []), failure]);
  }

  /** Counts one call; returns after how many seconds the limit resets, if it was hit. */
  takeLimit(): Seconds | undefined {
    if (this.#limited === 0) return undefined;
    this.#limited -= 1;
    return this.#resetAfter;
  }

  /** The failure that is set for the next action of this command. */
  takeFailure(command: string): ActionFailure | undefined {
    return this.#failing.get(command)?.shift();
  }
}
