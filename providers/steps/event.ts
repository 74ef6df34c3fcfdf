import { channel } from "node:diagnostics_channel";
import type { HostName } from "../../core/words.ts";

/** A diagnostics channel whose messages have one type. Without a listener it costs nothing. */
export class Event<T extends object> {
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

/** The plan that a run is about to carry out on one host, made under its lease. */
export interface HostPlan<O> {
  readonly host: HostName;
  readonly operations: readonly O[];
}
