import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Hook, type Hooks, hooksIn, type Moment } from "../../../core/hook.ts";
import type { HostName } from "../../../core/words.ts";
import { COMMAND_VARIABLE } from "../command-variable.ts";
import { type HookFacts, hookVariables } from "./environment.ts";
import { performerIn } from "./performer.ts";
import { type HookRun, runHook } from "./run-hook.ts";
import { writtenServers } from "./written-servers.ts";

/** What a hook is run with: for one that belongs to an app, its release and secrets; else what the stack's config says. */
export type Particulars = Partial<HookFacts> & {
  readonly secrets?: Readonly<Record<string, string>>;
  /** Of this hook alone. */
  readonly variables?: Readonly<Record<string, string>>;
};

/** What this run passes to its own processes: a command of Slipway in a hook begins a new run. */
const PASSED_ON = /^SLIPWAY_(?:SHOWN_PLANS?|EXPECTED_CONFIG|DISPLAY|COMMAND)$/;
/** What makes a process of Pulumi start sooner is loaded into each program of Node. */
const LEAN = /--require="[^"]*[\\/]lean\.cjs"/g;

/** What gives access to the state and to the cloud. A hook that only reports needs none of it. */
const PRIVATE = /^(?:PULUMI_|HCLOUD_TOKEN$)/;

function inherited(env: NodeJS.ProcessEnv, moment: Moment): NodeJS.ProcessEnv {
  const isHidden = (name: string) => PASSED_ON.test(name) || (moment === "on_failure" && PRIVATE.test(name));
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !isHidden(name)));
  const options = own.NODE_OPTIONS?.replace(LEAN, "").trim();
  return options === undefined ? own : { ...own, NODE_OPTIONS: options };
}

type Written = { get(key: string): string | undefined };

/** The hooks of a run: those of the stack's config, and how any of them is run. */
export class RunHooks {
  readonly #config: Written;
  readonly #stack: string;
  readonly #root: string;
  readonly #hooks: Hooks;
  readonly #rebooting = new Set<HostName>();
  readonly #askSecrets: () => Promise<Readonly<Record<string, string>>>;
  #secrets: Promise<Readonly<Record<string, string>>> | undefined;
  #performer: Promise<string> | undefined;
  /** One at a time: they share the terminal of who wrote them, and a file or a lock perhaps. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param secrets those of the stack's config, in plain text: asked for when the first hook runs */
  constructor(config: Written, stack: string, root: string, secrets: () => Promise<Readonly<Record<string, string>>>) {
    this.#config = config;
    this.#askSecrets = secrets;
    this.#stack = stack;
    this.#root = root;
    this.#hooks = hooksIn(config, (file) => existsSync(resolve(root, file)));
  }

  has(moment: Moment): boolean {
    return this.#hooks[moment] !== undefined;
  }

  /** Runs what the stack's config has for a moment, if anything. Throws `HookFailed`. */
  async ofStack(moment: Moment, particulars: Particulars, run: HookRun): Promise<void> {
    const hook = this.#hooks[moment];
    if (hook !== undefined) await this.run(moment, hook, particulars, run);
  }

  /** Throws `HookFailed`. @param hook of the stack, or of an app that a program declares */
  async run(moment: Moment, hook: Hook, particulars: Particulars, run: HookRun): Promise<void> {
    const execute = async () => {
      const env = await this.#environment(moment, particulars);
      await runHook(moment, hook, { root: this.#root, env }, run);
    };
    // A failure is reported at once.
    if (moment === "on_failure") return execute();
    const turn = this.#last.then(execute);
    this.#last = turn.catch(() => {});
    await turn;
  }

  /** All variables of a hook. Its secrets are nowhere else: neither in its arguments nor in a file. */
  async #environment(moment: Moment, { secrets, variables, ...facts }: Particulars): Promise<NodeJS.ProcessEnv> {
    this.#performer ??= performerIn(this.#root);
    const circumstances = {
      performer: await this.#performer,
      // As Kamal has it, without its own name.
      command: (process.env[COMMAND_VARIABLE] ?? "deploy").replace(/^(?:slipway|pulumi) /, ""),
      now: new Date(),
    };
    this.#secrets ??= this.#askSecrets();
    return {
      ...inherited(process.env, moment),
      ...(await this.#secrets),
      ...secrets,
      ...hookVariables({ ...this.#ofConfig(), ...facts }, circumstances),
      ...variables,
    };
  }

  #ofConfig(): HookFacts {
    const { hosts, roles } = writtenServers(this.#config);
    const destination = this.#config.get("slipway:destination") ?? this.#stack;
    return {
      service: this.#config.get("slipway:service") ?? "",
      stack: this.#stack,
      destination: destination === "none" ? undefined : destination,
      hosts,
      roles,
      version: this.#config.get("slipway:version"),
      lock: false,
    };
  }

  /** Between the two hooks around the replacement of a proxy, which may need several attempts. */
  begin(host: HostName): void {
    this.#rebooting.add(host);
  }

  /** @returns whether it had begun */
  end(host: HostName): boolean {
    return this.#rebooting.delete(host);
  }
}
