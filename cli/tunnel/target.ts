import { setTimeout as pause } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { reasonOf, SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import {
  addressOf,
  type DeclaredAccessory,
  type FoundContainer,
  lookAt,
  requireRunning,
  stateInWords,
} from "../stack/accessories.ts";

/** How soon a new container is seen. */
const LOOK: Milliseconds = 500;
/** A laptop that slept comes back to its tunnel. */
const PATIENCE: Seconds = 600;

/** A container that runs, and where. */
export interface Target {
  readonly id: string;
  readonly address: string;
}

/** Where an accessory is now: its container may be replaced, started again or away for a while. */
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

  /** The first look: rejects with the story when there is none. */
  async find(): Promise<Target> {
    const target = this.#target(await requireRunning(this.#place, this.#host));
    this.#now = target;
    if (target !== undefined) return target;
    const { host, container } = this.#place;
    throw new SlipwayError({
      what: `${container} has no address in its network`,
      host: host.name,
      servesNow: "what served before; nothing was changed",
      next: "slipway accessory details tells of its network; one without any cannot be reached",
    });
  }

  /** Settles when there is one; rejects at the deadline. */
  current(deadline: Deadline): Promise<Target> {
    return deadline.until(
      async () => this.#now,
      () => new Error(`${this.#place.container} does not run`),
    );
  }

  /** Follows it until the signal, and says what becomes of it. Rejects when the host stays away. */
  async follow(signal: AbortSignal): Promise<void> {
    let trouble: Deadline | undefined;
    let known = this.#now;
    let isGone = false;
    while (!signal.aborted) {
      try {
        const found = await this.#look();
        if (trouble !== undefined) this.#say(`${this.#host.name}: reached again`);
        trouble = undefined;
        if (found !== undefined) {
          if (known !== undefined && found.id !== known.id)
            this.#say(`${this.#name} was replaced: connections go to the new one`);
          else if (isGone) this.#say(`${this.#name} runs again`);
          [known, isGone] = [found, false];
          await this.#host.docker.exited(found.id, signal);
          [this.#now, isGone] = [undefined, true];
          await this.#tellGone();
        }
      } catch (thrown) {
        if (signal.aborted) return;
        this.#now = undefined;
        if (trouble?.passed) throw this.#givenUp(thrown);
        if (trouble === undefined)
          this.#say(`${this.#host.name}: ${reasonOf(thrown, this.#host.name)}; dialled again for ${PATIENCE / 60} min`);
        trouble ??= Deadline.in(PATIENCE);
      }
      await pause(LOOK, undefined, { signal }).catch(() => {});
    }
  }

  /** One that is started again at once is told by that alone. */
  async #tellGone(): Promise<void> {
    const { main } = await lookAt(this.#place, this.#host);
    if (main?.state.running) return;
    this.#say(
      `${this.#name} ${main === undefined ? "was removed" : `is ${stateInWords(main)}`}: new connections wait for the next one`,
    );
  }

  get #name(): string {
    return `${this.#place.container} on ${this.#host.name}`;
  }

  async #look(): Promise<Target | undefined> {
    const { main } = await lookAt(this.#place, this.#host);
    const isOwn = main !== undefined && main.of !== "somebody" && main.state.status === "running";
    this.#now = isOwn ? this.#target(main) : undefined;
    return this.#now;
  }

  #target(container: FoundContainer): Target | undefined {
    const address = addressOf(this.#place, container);
    return address === undefined ? undefined : { id: container.id, address };
  }

  #givenUp(thrown: unknown): SlipwayError {
    const { name } = this.#host;
    return new SlipwayError(
      {
        what: `the tunnel ended: ${name} was not reached again within ${PATIENCE / 60} min`,
        host: name,
        evidence: [reasonOf(thrown, name)],
        servesNow: `what served before; ${name} cannot be asked`,
        next: "check the host (slipway status), then open the tunnel again",
      },
      { cause: thrown },
    );
  }
}
