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
 * The lab host of a test file, available from the first test on. Connections are closed after the test that opened them.
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

  get there(): LabHost {
    return this.#now.there;
  }

  get operator(): Operator {
    return this.#now.operator;
  }

  /** The host over a new SSH connection of its operator. */
  reach(options?: ReachOptions): Host {
    return this.operator.reach(this.there, options);
  }

  async #start(): Promise<void> {
    const lab = await startLab({ hosts: [this.name] });
    this.#started = { lab, there: lab.host(this.name), operator: new Operator(lab) };
  }

  get #now(): Started {
    if (this.#started === undefined) throw new Error(`${this.name} is available from the first test on, not before`);
    return this.#started;
  }
}
