import { afterEach, beforeAll } from "vitest";
import type { Host } from "../hosts/index.ts";
import type { LabHost } from "./host.ts";
import { type Lab, startLab } from "./lab.ts";
import { hostFor } from "./lane.ts";
import { Operator, type ReachOptions } from "./reach.ts";

interface Started {
  readonly lab: Lab;
  readonly there: LabHost;
  readonly operator: Operator;
}

/**
 * The one lab host of a file of tests, there from its first test on. Connections end with the test that made them.
 *
 * @example const mine = new OneHost("hosts");
 */
export class OneHost {
  readonly name: string;
  #started: Started | undefined;

  constructor(tests: string) {
    this.name = hostFor(tests);
    beforeAll(() => this.#start());
    afterEach(() => this.operator.close());
  }

  get lab(): Lab {
    return this.#now.lab;
  }

  /** The host as the lab knows it. */
  get there(): LabHost {
    return this.#now.there;
  }

  get operator(): Operator {
    return this.#now.operator;
  }

  /** The host as its operator reaches it. */
  reach(way?: ReachOptions): Host {
    return this.operator.reach(this.there, way);
  }

  async #start(): Promise<void> {
    const lab = await startLab({ hosts: [this.name] });
    this.#started = { lab, there: lab.host(this.name), operator: new Operator(lab) };
  }

  get #now(): Started {
    if (this.#started === undefined) throw new Error(`${this.name} is there from the first test on, not before`);
    return this.#started;
  }
}
