import type { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import {
  addressOf,
  type DeclaredAccessory,
  type FoundContainer,
  lookAt,
  requireRunning,
  stateInWords,
} from "../stack/accessories.ts";
import { Reconnection } from "../stack/reconnection.ts";

/** A laptop that slept comes back to its tunnel. */
const RECONNECT_TIMEOUT: Seconds = 600;

/** A running container and its address. */
export interface Target {
  readonly id: string;
  readonly address: string;
}

/** Where an accessory is now: its container may be replaced, restarted or stopped for a while. */
export class Targets {
  readonly #place: DeclaredAccessory;
  readonly #host: Host;
  readonly #say: (text: string) => void;
  #now: Target | undefined;

  constructor(place: DeclaredAccessory, host: Host, say: (text: string) => void) {
    this.#place = place;
    this.#host = host;
    this.#say = say;
  }

  /** Looks once; rejects if the accessory cannot be reached. */
  async find(): Promise<Target> {
    const target = this.#target(await requireRunning(this.#place, this.#host));
    this.#now = target;
    if (target !== undefined) return target;
    const { host, container } = this.#place;
    throw new SlipwayError({
      code: "ACCESSORY_NOT_RUNNING",
      what: `${container} has no address in its network`,
      host: host.name,
      servesNow: "what served before; nothing was changed",
      next: "attach it to a network: without one it cannot be reached (slipway accessory details)",
    });
  }

  /** Resolves as soon as the container runs; rejects at the deadline. */
  current(deadline: Deadline): Promise<Target> {
    return deadline.until(
      async () => this.#now,
      () => new Error(`${this.#place.container} does not run`),
    );
  }

  /** Follows the container until the signal, and reports its changes. Rejects when the host stays unreachable. */
  follow(signal: AbortSignal): Promise<void> {
    let known = this.#now;
    let hasStopped = false;
    const reconnection = new Reconnection({
      host: this.#host,
      timeout: RECONNECT_TIMEOUT,
      work: "the tunnel",
      next: "check the host (slipway status), then open the tunnel again",
      notice: this.#say,
      signal,
    });
    return reconnection.repeat(async (reached) => {
      try {
        const found = await this.#look();
        reached();
        if (found === undefined) return;
        if (known !== undefined && found.id !== known.id)
          this.#say(`${this.#name} was replaced: connections go to the new container`);
        else if (hasStopped) this.#say(`${this.#name} is running again`);
        [known, hasStopped] = [found, false];
        await this.#host.docker.exited(found.id, signal);
        [this.#now, hasStopped] = [undefined, true];
        await this.#reportStop();
      } catch (thrown) {
        this.#now = undefined;
        throw thrown;
      }
    });
  }

  /** A container that has been restarted meanwhile is reported as running again. */
  async #reportStop(): Promise<void> {
    const { main } = await lookAt(this.#place, this.#host);
    if (main?.state.running) return;
    this.#say(
      `${this.#name} ${main === undefined ? "was removed" : `is ${stateInWords(main)}`}: new connections wait for the next container`,
    );
  }

  get #name(): string {
    return `${this.#place.container} on ${this.#host.name}`;
  }

  async #look(): Promise<Target | undefined> {
    const { main } = await lookAt(this.#place, this.#host);
    const isOwn = main !== undefined && main.of !== "other" && main.state.status === "running";
    this.#now = isOwn ? this.#target(main) : undefined;
    return this.#now;
  }

  #target(container: FoundContainer): Target | undefined {
    const address = addressOf(this.#place, container);
    return address === undefined ? undefined : { id: container.id, address };
  }
}
