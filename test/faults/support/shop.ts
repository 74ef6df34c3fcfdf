import { request } from "node:http";
import { expect } from "vitest";
import { Deadline } from "../../../core/deadline.ts";
import type { Seconds } from "../../../core/words.ts";
import type { LabHost } from "../../../lab/host.ts";
import { type Lab, startLab } from "../../../lab/lab.ts";
import type { Relay } from "../../../lab/relay.ts";
import { LabStack, labValues, type Outcome, type StackValues } from "../../../lab/stack.ts";
import { HOSTS } from "../../support/hosts.ts";
import { expectNothingSeen } from "../../support/look.ts";

const RATE = 50;
/** Enough for a busy machine, and no test waits longer for a silent host. */
export const CONNECT_TIMEOUT: Seconds = 5;
/** The host name in its users' requests; another app on the same host has a different one. */
const SITE = "shop.example";

/** What its users saw while some work ran. */
export interface Watched<T> {
  readonly result: T;
  readonly failed: number;
  readonly requests: number;
  /** All versions that answered, in the order of their first answer. */
  readonly answers: readonly string[];
}

/** A change of the config, over the shop's ordinary one. */
export interface Change {
  readonly values?: StackValues;
  /** Of the container: switches of the test app. */
  readonly env?: Readonly<Record<string, string>>;
}

/** An app on two hosts, deployed by its own stack through relays that a test can break, while users keep sending requests. */
export class Shop implements AsyncDisposable {
  readonly lab: Lab;
  readonly stack: LabStack;
  readonly hosts: readonly LabHost[];
  readonly relays: readonly Relay[];
  readonly #base: StackValues;
  readonly #touched = new Set<string>();

  private constructor(lab: Lab, stack: LabStack, relays: readonly Relay[], base: StackValues) {
    this.lab = lab;
    this.stack = stack;
    this.hosts = lab.hosts;
    this.relays = relays;
    this.#base = base;
  }

  /** Fresh hosts, and a stack that knows them; nothing is deployed yet. @param size how many hosts */
  static async plan(size = 2, values: StackValues = {}): Promise<Shop> {
    const lab = await startLab({ hosts: HOSTS.slice(0, size) });
    await lab.reset();
    const relays = await Promise.all(lab.hosts.map((host) => host.relay()));
    const { ref } = await lab.image("shop", "v1");
    const { registry: _kept, ...open } = labValues(lab);
    const base = {
      ...open,
      image: ref,
      servers: { web: { hosts: throughRelays(lab.hosts, relays) } },
      proxy: { app_port: 3000, host: SITE },
      ssh: { ...sshOf(lab), connect_timeout: CONNECT_TIMEOUT },
      ...values,
    };
    return new Shop(lab, await LabStack.create(lab, base), relays, base);
  }

  /** As `plan`, and `v1` serves. */
  static async open(size = 2, values: StackValues = {}): Promise<Shop> {
    const shop = await Shop.plan(size, values);
    const { code, output } = await shop.stack.up("--skip-preview");
    if (code !== 0) throw new Error(`the shop did not open\n${output}`);
    return shop;
  }

  /** The last host: the one that tests break. */
  get host(): LabHost {
    return last(this.hosts);
  }

  /** The way to the last host. */
  get relay(): Relay {
    return last(this.relays);
  }

  /** The ordinary config, this change on top, and nothing of an earlier one. */
  async declare({ values = {}, env }: Change = {}): Promise<void> {
    const wanted: Record<string, unknown> = { ...values, ...(env === undefined ? {} : { env: { clear: env } }) };
    for (const key of this.#touched) if (!(key in wanted)) wanted[key] = this.#base[key];
    for (const key of Object.keys(wanted)) this.#touched.add(key);
    await this.stack.configure(wanted);
  }

  /** Declares that change and runs it under the users' requests. */
  async release(change: Change, ...more: readonly string[]): Promise<Watched<Outcome>> {
    await this.declare(change);
    return this.watch(() => this.stack.up("--skip-preview", ...more));
  }

  /** Does `work` while users send requests to all hosts. */
  async watch<T>(work: () => Promise<T>): Promise<Watched<T>> {
    const loads = await Promise.all(
      this.hosts.map(({ address }) => this.lab.load({ url: `http://${address}/version`, host: SITE, rate: RATE, limit: 300 })),
    );
    const result = await work().catch(async (thrown: unknown) => {
      await Promise.all(loads.map((load) => load.stop()));
      throw thrown;
    });
    const seen = await Promise.all(loads.map((load) => load.stop()));
    return {
      result,
      failed: seen.reduce((sum, { failed, wrong }) => sum + failed + wrong, 0),
      requests: seen.reduce((sum, { requests }) => sum + requests, 0),
      answers: [...new Set(seen.flatMap(({ answers }) => answers.map(({ body }) => body.trim())))],
    };
  }

  /** The version that every host serves now. */
  async serves(): Promise<string[]> {
    return Promise.all(this.hosts.map(({ address }) => this.ask(address, "/version")));
  }

  /** One request of a user. */
  async ask(address: string, path: string): Promise<string> {
    const answer = await new Promise<AsyncIterable<Buffer>>((resolve, reject) => {
      request({ host: address, path, headers: { host: SITE } }, resolve)
        .on("error", reject)
        .end();
    });
    let body = "";
    for await (const chunk of answer) body += chunk.toString();
    return body.trim();
  }

  /** Resolves when every host runs this many containers of the app: two while a candidate boots. */
  async runs(count: number): Promise<void> {
    await Deadline.in(60).until(
      async () => (await this.running()).every((running) => running === count) || undefined,
      () => new Error(`not ${count} containers on every host`),
    );
  }

  /** No one holds the lease of the last host. */
  async leaseIsFree(): Promise<boolean> {
    return (await this.host.sh("flock -n /etc/os-release true")).code === 0;
  }

  /** How many containers of the app run on each host. */
  async running(): Promise<number[]> {
    const filters = { label: ["service=shop"], status: ["running"] };
    return Promise.all(this.hosts.map(async ({ docker }) => (await docker.listContainers({ filters })).length));
  }

  /** The next run converges from whatever this one left, and then there is nothing to do. */
  async expectConverges(version: string, change: Change = {}): Promise<void> {
    const { result, failed } = await this.release(change);
    expect(result.code, result.output).toBe(0);
    expect(failed).toBe(0);
    expect(await this.serves()).toEqual(this.hosts.map(() => version));
    expect(await this.running()).toEqual(this.hosts.map(() => 1));
    await this.expectNothingToDo();
  }

  /** Nothing differs from what the last successful run left. What is declared now must be what that run was given. */
  async expectNothingToDo(): Promise<void> {
    await expectNothingSeen(this.lab, this.stack);
  }

  /** The engine's preview finds no change either. */
  async expectPreviewedAsUnchanged(): Promise<void> {
    const { code, output } = await this.stack.launch(["preview", "--expect-no-changes"]).done;
    expect(code, output).toBe(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.relays.map((relay) => relay.close()));
    await this.stack[Symbol.asyncDispose]();
  }
}

function last<T>(list: readonly T[]): T {
  const found = list.at(-1);
  if (found === undefined) throw new TypeError("a shop without hosts");
  return found;
}

/** SSH access to the lab's hosts. */
export const sshOf = (lab: Lab): Record<string, unknown> => labValues(lab).ssh as Record<string, unknown>;

/** The hosts as the config writes them, with the relays as their addresses. */
export const throughRelays = (hosts: readonly LabHost[], relays: readonly Relay[]): Record<string, unknown> =>
  Object.fromEntries(hosts.map(({ name }, at) => [name, { address: relays[at]?.address, port: relays[at]?.port }]));
