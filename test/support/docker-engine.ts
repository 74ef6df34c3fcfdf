import { SlipwayError } from "../../core/error.ts";
import { type Address, Hosts, type TraceEvent, traceTo } from "../../hosts/index.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { Operator } from "../../lab/reach.ts";
import { DockerEngineInputs } from "../../providers/docker-engine/inputs.ts";
import { type DockerEngineState, dockerEngineProvider } from "../../providers/docker-engine/provider.ts";
import { forgottenIn } from "../../providers/pulumi/forgotten.ts";
import type { Reading, Run } from "../../providers/pulumi/provider.ts";

/** What one run reported, and how it ended. */
export interface Converged {
  readonly state: DockerEngineState | undefined;
  /** The error of a refused run; empty when it succeeded. */
  readonly error: string;
  readonly statuses: readonly string[];
  readonly warnings: readonly string[];
  readonly trace: readonly TraceEvent[];
  readonly seconds: number;
}

type Wanted = Partial<Omit<DockerEngineInputs, "host">> & { readonly host?: Partial<Address> };

/** The Docker of one lab host, converged by the provider itself; each run has its own connections, as each `pulumi up` does. */
export class Engine {
  /** Called with each status line, so that a test can act at that moment. */
  heard: (status: string) => void = () => {};
  readonly #operator: Operator;
  readonly #there: LabHost;
  #wanted: Wanted = {};
  #state: DockerEngineState | undefined;

  constructor(lab: Lab, there: LabHost) {
    this.#operator = new Operator(lab);
    this.#there = there;
  }

  /** Starts over, as if nothing had ever run for this host. */
  forget(wanted: Wanted = {}): void {
    this.#wanted = wanted;
    this.#state = undefined;
  }

  get inputs(): DockerEngineInputs {
    const { host, ...wanted } = this.#wanted;
    return DockerEngineInputs.parse({
      schema: 1,
      patience: 0,
      install: true,
      settings: {},
      status: "running",
      ...wanted,
      host: { ...this.#operator.addressOf(this.#there), user: "root", ...host },
    });
  }

  /** Changes what is wanted for this and all later runs, and converges as `pulumi up` does. */
  async run(wanted: Wanted = {}): Promise<Converged> {
    this.#wanted = { ...this.#wanted, ...wanted };
    const [statuses, warnings, trace]: [string[], string[], TraceEvent[]] = [[], [], []];
    const report = {
      status: (line: string) => {
        statuses.push(line);
        this.heard(line);
      },
      say: () => {},
      warn: (line: string) => void warnings.push(line),
    };
    const began = performance.now();
    const ended = (state: DockerEngineState | undefined, error: string): Converged => ({
      state,
      error,
      statuses,
      warnings,
      trace,
      seconds: (performance.now() - began) / 1000,
    });
    return this.#with(trace, report, async (run) => {
      try {
        this.#state = await dockerEngineProvider.converge(this.inputs, this.#state, run);
        return ended(this.#state, "");
      } catch (thrown) {
        if (!(thrown instanceof SlipwayError)) throw thrown;
        return ended(undefined, thrown.message);
      }
    });
  }

  async done(wanted?: Wanted): Promise<Converged & { readonly state: DockerEngineState }> {
    const { state, ...rest } = await this.run(wanted);
    if (state === undefined) throw new Error(rest.error);
    return { ...rest, state };
  }

  async refused(wanted?: Wanted): Promise<Converged> {
    const outcome = await this.run(wanted);
    if (outcome.error === "") throw new Error(`it was done: ${outcome.statuses.join("\n")}`);
    return outcome;
  }

  /** What a refresh finds, and the preview's text; empty when nothing would change. */
  async look(wanted: Wanted = {}): Promise<{ found: Reading<DockerEngineState>; text: string; trace: TraceEvent[] }> {
    this.#wanted = { ...this.#wanted, ...wanted };
    const trace: TraceEvent[] = [];
    return this.#with(trace, { status() {}, say() {}, warn() {} }, async (run) => {
      const found = await dockerEngineProvider.read(this.inputs, run, this.#state);
      const { changes, text } = dockerEngineProvider.plan(this.inputs, found.state);
      return { found, text: changes ? text : "", trace };
    });
  }

  async #with<T>(trace: TraceEvent[], report: Run["report"], work: (run: Run) => Promise<T>): Promise<T> {
    const hosts = new Hosts(this.#operator.access(), { ...traceTo(undefined), done: (event) => void trace.push(event) });
    try {
      return await work({ hosts, report, owner: "lab", forgotten: forgottenIn(undefined), declared: async () => [] });
    } finally {
      await hosts.close();
    }
  }
}
