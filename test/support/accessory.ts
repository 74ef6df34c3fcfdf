import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { specOf } from "../../core/accessory/spec.ts";
import { SlipwayError } from "../../core/error.ts";
import { type Change, Hosts, parseAccess, type Trace, traceTo } from "../../hosts/index.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { AccessoryInputs, type AccessoryState } from "../../providers/accessory/inputs.ts";
import { accessoryProvider } from "../../providers/accessory/provider.ts";
import { forgottenIn } from "../../providers/pulumi/forgotten.ts";
import type { Reading, Run } from "../../providers/pulumi/provider.ts";
import { addressOf } from "./provider-run.ts";

/** What a test may set, besides the host. */
export type Wish = Partial<Omit<AccessoryInputs, "spec">>;

/** The outcome of one run. */
export interface Outcome {
  /** Empty when it succeeded. */
  readonly error: string;
  readonly said: readonly string[];
  readonly statuses: readonly string[];
  /** What it changed on the host, in order. */
  readonly changes: readonly Change[];
}

const CHILD = join(import.meta.dirname, "accessory-killed.ts");
const PORT = 3000;

/** The test app as an accessory called db on a lab host, brought up by the provider itself, without the engine. */
export class Accessory implements AsyncDisposable {
  /** Wraps each call that changes the host. */
  around: Trace["around"] = traceTo(undefined).around;
  /** What else the program of this run declares: nothing. */
  declared: Run["declared"] = async () => [];
  state: AccessoryState | undefined;
  readonly #lab: Lab;
  readonly #host: LabHost;
  #wish: Wish;

  constructor(lab: Lab, host: LabHost, wish: Wish & { readonly image: string }) {
    this.#lab = lab;
    this.#host = host;
    this.#wish = wish;
  }

  /** What is declared now, with these changes from now on. */
  inputs(changes: Wish = {}): AccessoryInputs {
    this.#wish = { ...this.#wish, ...changes };
    const { registry } = this.#lab;
    const inputs = AccessoryInputs.omit({ spec: true }).parse({
      schema: 1,
      host: addressOf(this.#host),
      stack: "slipway/lab",
      service: "shop",
      accessory: "db",
      container: "shop-db",
      containerPort: PORT,
      publish: [],
      env: {},
      secretEnv: {},
      secretsFingerprint: "",
      secrets: {},
      files: [],
      directories: [],
      mounts: [],
      labels: {},
      logging: { driver: "json-file", options: {} },
      options: {
        restart: { name: "unless-stopped" },
        capAdd: [],
        capDrop: [],
        readOnly: false,
        tmpfs: {},
        addHost: [],
        ulimits: [],
      },
      ready: { by: "http", port: PORT, path: "/up", timeout: 2 },
      stopTimeout: 5,
      bootTimeout: 5,
      data: "keep",
      status: "running",
      registry: { server: registry.server, username: registry.username, password: registry.password },
      ...this.#wish,
    });
    return { ...inputs, spec: specOf(inputs) };
  }

  /** The preview's text; empty when nothing would change. */
  async preview(changes: Wish = {}): Promise<string> {
    const inputs = this.inputs(changes);
    const reading = this.state && (await this.read());
    const { changes: any, text } = accessoryProvider.plan(inputs, reading?.state);
    return any ? text : "";
  }

  /** What a refresh would find. */
  async read(): Promise<Reading<AccessoryState>> {
    return this.#with([], async (run) => accessoryProvider.read(this.state ?? this.inputs(), run, this.state));
  }

  /** Converges as `pulumi up` does: reads, then applies. */
  async up(changes: Wish = {}): Promise<Outcome> {
    const inputs = this.inputs(changes);
    return this.#outcomeOf(async (run) => {
      const reading = this.state && (await accessoryProvider.read(AccessoryInputs.parse(this.state), run, this.state));
      const seen = reading?.state;
      this.state = await accessoryProvider.converge(inputs, seen, run);
    });
  }

  async done(changes: Wish = {}): Promise<Outcome> {
    const outcome = await this.up(changes);
    if (outcome.error !== "") throw new Error(outcome.error);
    return outcome;
  }

  async refused(changes: Wish = {}): Promise<Outcome> {
    const outcome = await this.up(changes);
    if (outcome.error === "") throw new Error(`it was brought up: ${outcome.said.join("\n")}`);
    return outcome;
  }

  /** Brings it up in its own process, which `kill -9` ends while change number `at` is in flight. Returns whether the run got that far. */
  async killed(at: number, changes: Wish = {}): Promise<boolean> {
    const task = { access: this.#access(), inputs: this.inputs(changes), state: this.state, at };
    const child = spawn(process.execPath, [CHILD], { stdio: ["pipe", "ignore", "inherit"] });
    child.stdin.end(JSON.stringify(task));
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    if (signal !== "SIGKILL" && code !== 0) throw new Error(`the run ended with code ${code} before it was killed`);
    return signal === "SIGKILL";
  }

  /** Removes what was last brought up. */
  async withdraw(): Promise<Outcome> {
    const outcome = await this.#outcomeOf((run) =>
      accessoryProvider.withdraw(AccessoryInputs.parse(this.state ?? this.inputs()), run),
    );
    this.state = undefined;
    return outcome;
  }

  /** Removes its data as well. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.around = traceTo(undefined).around;
    if (this.state !== undefined) this.state = { ...this.state, data: "delete" };
    await this.withdraw();
  }

  #access(): string {
    return JSON.stringify({ keys: this.#lab.key.file, agent: false, config: false });
  }

  async #outcomeOf(work: (run: Run) => Promise<void>): Promise<Outcome> {
    const [said, statuses, changes]: [string[], string[], Change[]] = [[], [], []];
    const outcome = (error: string): Outcome => ({ error, said, statuses, changes });
    try {
      await this.#with(changes, (run) =>
        work({
          ...run,
          report: {
            status: (line) => void statuses.push(line),
            say: (text) => void said.push(text),
            warn: (text) => void said.push(`warning: ${text}`),
          },
        }),
      );
      return outcome("");
    } catch (thrown) {
      if (!(thrown instanceof SlipwayError)) throw thrown;
      return outcome(thrown.message);
    }
  }

  async #with<T>(changes: Change[], work: (run: Run) => Promise<T>): Promise<T> {
    const hosts = new Hosts(parseAccess(this.#access(), {}), {
      done: () => {},
      around: (change, run) => {
        changes.push(change);
        return this.around(change, run);
      },
    });
    try {
      const report = { status() {}, say() {}, warn() {} };
      return await work({ hosts, owner: "lab", forgotten: forgottenIn(undefined), declared: this.declared, report });
    } finally {
      await hosts.close();
    }
  }
}
