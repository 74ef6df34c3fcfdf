import { Deadline } from "../../../../core/deadline.ts";
import { messageOf } from "../../../../core/error.ts";
import type { HostName } from "../../../../core/words.ts";
import { Hosts, parseAccess, traceTo } from "../../../../hosts/index.ts";
import type { LabHost } from "../../../../lab/host.ts";
import { type Lab, startLab } from "../../../../lab/lab.ts";
import { LANE } from "../../../../lab/lane.ts";
import { Relay } from "../../../../lab/relay.ts";
import { forgottenIn } from "../../../../providers/pulumi/forgotten.ts";
import { ChildRun, type Ending, type Visit } from "../child-run.ts";
import { RATE, seenOf } from "../load.ts";
import type { ChangeOrder } from "../message.ts";
import { MAKE, type Made } from "../providers.ts";
import type { Shard } from "../shard.ts";
import { leaseProblems, letGo, RESET, RUN, type Seen, type Stage } from "../stage.ts";
import type { Change, Declared, Play } from "./change.ts";

/** Its name in all that is declared and reported, whichever lab host it is. */
const NAME: HostName = "fr-1";
const OWNER = "rig@faults";

/** One host on which a provider makes a change, takes it back, and makes it again. */
export class ChangeStage implements Stage {
  readonly lab: Lab;
  readonly hosts: ReadonlyMap<HostName, LabHost>;
  readonly #change: Change;
  readonly #play: Play;
  readonly #relay: Relay;
  readonly #unplanned: string[] = [];
  #state: unknown;
  /** The process of the next run loads while this one is looked at. */
  #spare = new ChildRun();

  private constructor(lab: Lab, host: LabHost, relay: Relay, change: Change, play: Play) {
    this.lab = lab;
    this.hosts = new Map([[NAME, host]]);
    this.#relay = relay;
    this.#change = change;
    this.#play = play;
  }

  static async open(change: Change, { nth }: Shard): Promise<ChangeStage> {
    const { machine } = change;
    const kind = machine === "bare" ? { bare: true } : machine;
    // Test runs and shards that run at the same time have hosts of their own.
    const lab = await startLab({ hosts: [`f${machine === "bare" ? "b" : "c"}${nth}-${LANE}`], ...kind });
    const [host] = lab.hosts;
    if (host === undefined) throw new Error("no host");
    const relay = await Relay.to({ address: host.address, port: host.port });
    const address = { name: NAME, address: relay.address, port: relay.port, user: "root", hostKey: host.hostKey };
    const stage = new ChangeStage(lab, host, relay, change, await change.play({ lab, host, address }));
    await stage.rebuild();
    return stage;
  }

  host(name: HostName): LabHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  relay(): Relay {
    return this.#relay;
  }

  async rebuild(): Promise<void> {
    const host = this.host(NAME);
    const { before, lay, clear } = this.#play;
    const late = () => new Error(`the host could not be made ready within ${RESET} s`);
    await host.answerRegistry(this.lab.registry.server);
    await Deadline.in(RESET).race(host.reset().then(lay), late);
    this.#state = undefined;
    if (before !== undefined) this.#state = (await this.#here(before, "converge")).state;
    await clear?.();
    await this.#require("before");
  }

  async visit(): Promise<() => Promise<Seen[]>> {
    const { users } = this.#play;
    if (users === undefined) return async () => [];
    const host = this.host(NAME);
    const site = users.site === undefined ? {} : { host: users.site };
    const load = await this.lab.load({
      url: `http://${host.address}${users.path}`,
      ...site,
      rate: RATE,
      limit: 4 * RUN,
      timeout: 5,
    });
    return async () => {
      const seen = seenOf(NAME, await load.stop());
      return [users.gap === true ? { ...seen, failed: 0, out: 0 } : seen];
    };
  }

  async run(visit: Visit, again?: "again"): Promise<Ending> {
    const { attempt, after, opensWithin = 0 } = this.#play;
    if (again === undefined) return this.#once(visit, attempt);
    const opens = Deadline.in(opensWithin);
    for (;;) {
      const ending = await this.#once(visit, after);
      if (ending.how !== "refused" || opens.passed) return ending;
    }
  }

  async #once(visit: Visit, declared: Declared | undefined): Promise<Ending> {
    const order = this.#order(declared);
    const run = this.#spare;
    this.#spare = new ChildRun();
    const ending = await run.carryOut(order, visit, RUN);
    // A removal has no plan, and neither have the commands of a user.
    if (order.to === "converge" && order.provider !== "setup") this.#unplanned.push(...run.unplanned(new Set()));
    if (ending.how === "done") this.#state = ending.state;
    return ending;
  }

  async advance(visit: Visit): Promise<void> {
    const { ends = "done", attempt, after } = this.#play;
    const ending = await this.run(visit);
    if (ending.how !== ends)
      throw new Error(`a run without a fault: ${ending.how}: ${"text" in ending ? ending.text : ""}, not ${ends}`);
    if (attempt !== after) await this.run(letGo, "again");
    const problems = [...(await this.problems()), ...(await this.settle())];
    if (problems.length > 0) throw new Error(`after a run without a fault: ${problems.join("; ")}`);
  }

  arrived(): void {}

  /** Found by other means, and by a look of the provider itself, which must find nothing to do. */
  async problems(): Promise<string[]> {
    const { after } = this.#play;
    const found = await this.#found("after");
    // A removal of what is gone may still look by a command of its own.
    if (after === undefined) return found;
    const look = await this.#here(after, "converge");
    return [...found, ...look.calls.map((call) => `${NAME}: the next look still had to ${call}`)];
  }

  takeUnplanned(): string[] {
    return this.#unplanned.splice(0).map((mutation) => `in no plan: ${mutation}`);
  }

  async settle(): Promise<string[]> {
    const { before, after, clear } = this.#play;
    if (before === undefined) await this.#here(undefined, "withdraw");
    else if (before !== after) this.#state = (await this.#here(before, "converge")).state;
    if (before === undefined) this.#state = undefined;
    await clear?.();
    return this.#found("before");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spare.kill();
    await this.#relay.close();
  }

  async #require(when: "before" | "after"): Promise<void> {
    const problems = await this.#found(when);
    if (problems.length > 0) throw new Error(`not as it should be ${when} the change: ${problems.join("; ")}`);
  }

  async #found(when: "before" | "after"): Promise<string[]> {
    const host = this.host(NAME);
    const found = await Promise.all([this.#play.problems(when), leaseProblems(NAME, host)]);
    return found.flat();
  }

  #order(declared: Declared | undefined): ChangeOrder {
    const { before, attempt } = this.#play;
    const { provider } = this.#change;
    const common = { kind: "change", ssh: this.#ssh, owner: OWNER, provider, state: this.#state } as const;
    return declared === undefined
      ? { ...common, to: "withdraw", inputs: before ?? attempt }
      : { ...common, to: "converge", inputs: declared };
  }

  get #ssh(): string {
    return JSON.stringify({ keys: [this.lab.key.file], agent: false, config: false, connect_timeout: 4 });
  }

  /** A run without a fault, in this process: it starts sooner. */
  async #here(declared: Declared | undefined, to: ChangeOrder["to"]): Promise<Made & { readonly calls: readonly string[] }> {
    const calls: string[] = [];
    const hosts = new Hosts(parseAccess(this.#ssh, {}), {
      ...traceTo(undefined),
      around: ({ what }, run) => {
        calls.push(what);
        return run();
      },
    });
    try {
      const report = { status() {}, say() {}, warn() {} };
      const run = { hosts, report, owner: OWNER, forgotten: forgottenIn(undefined), declared: async () => [] };
      const order = { ...this.#order(declared), to };
      const late = () => new Error(`no end after ${RUN} s`);
      return { ...(await Deadline.in(RUN).race(MAKE[this.#change.provider](order, run), late)), calls };
    } catch (thrown) {
      throw new Error(`a run without a fault, ${to}: ${messageOf(thrown)}`, { cause: thrown });
    } finally {
      await hosts.close();
    }
  }
}
