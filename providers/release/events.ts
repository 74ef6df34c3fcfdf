import { channel } from "node:diagnostics_channel";
import type { Plan } from "./plan.ts";
import type { UndoLog } from "./undo-log.ts";

/** A diagnostics channel whose messages have one type. */
class Event<T extends object> {
  readonly #channel;

  constructor(name: string) {
    this.#channel = channel(name);
  }

  publish(message: T): void {
    this.#channel.publish(message);
  }

  subscribe(listener: (message: T) => void): void {
    this.#channel.subscribe((message) => listener(message as T));
  }
}

/** Each attempt publishes the plan that it is about to carry out, under its leases. */
export const PLANNED = new Event<Plan>("slipway:release:planned");
/** A failed attempt publishes its undo log before it reverts. */
export const REVERTING = new Event<UndoLog>("slipway:release:reverting");
