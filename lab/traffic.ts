import type { Bytes } from "../core/words.ts";

/** What went through a relay. */
export interface Traffic {
  readonly connections: number;
  /** How often a client sent something after it had received something: what it did not know before its last answer. */
  readonly turns: number;
  /** To the host. */
  readonly up: Bytes;
  /** From the host. */
  readonly down: Bytes;
}

export const NO_TRAFFIC: Traffic = { connections: 0, turns: 0, up: 0, down: 0 };

/** What was added between two looks at one relay. */
export const trafficSince = (before: Traffic, after: Traffic): Traffic => ({
  connections: after.connections - before.connections,
  turns: after.turns - before.turns,
  up: after.up - before.up,
  down: after.down - before.down,
});

/** Counts what the clients of a relay see: an answer counts when it is passed on to the client, not when the relay gets it. */
export class TrafficCount {
  #total = NO_TRAFFIC;

  get total(): Traffic {
    return this.#total;
  }

  /** A new connection. */
  connection(): { sent(bytes: Bytes): void; received(bytes: Bytes): void } {
    this.#add({ connections: 1 });
    let answered = false;
    return {
      sent: (up) => {
        this.#add({ up, turns: answered ? 1 : 0 });
        answered = false;
      },
      received: (down) => {
        this.#add({ down });
        answered = true;
      },
    };
  }

  #add({ connections = 0, turns = 0, up = 0, down = 0 }: Partial<Traffic>): void {
    const total = this.#total;
    this.#total = {
      connections: total.connections + connections,
      turns: total.turns + turns,
      up: total.up + up,
      down: total.down + down,
    };
  }
}
