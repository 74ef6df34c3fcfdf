import { imageDigests } from "../../components/declare/digests.ts";
import { declareApp, declareImages } from "../../components/declare/release.ts";
import { type Config, parseConfig } from "../../config/index.ts";
import { SlipwayError } from "../../core/error.ts";
import { isFileImage } from "../../core/file-image.ts";
import { type Access, type Change, Hosts, parseAccess, type Trace, type TraceEvent, traceTo } from "../../hosts/index.ts";
import type { Lab } from "../../lab/lab.ts";
import { PROXY_IMAGE } from "../../lab/proxy.ts";
import { labValues, type StackValues } from "../../lab/stack.ts";
import { ProxyInputs } from "../../providers/proxy/inputs.ts";
import { proxyProvider } from "../../providers/proxy/provider.ts";
import { forgottenIn } from "../../providers/pulumi/forgotten.ts";
import type { News } from "../../providers/pulumi/notifier.ts";
import type { Reading, Run } from "../../providers/pulumi/provider.ts";
import { ReleaseInputs } from "../../providers/release/inputs.ts";
import { type ReleaseState, releaseProvider } from "../../providers/release/provider.ts";
import { resolveDigest } from "../../registry/index.ts";

/** What one release reported, and how it ended. */
export interface Released {
  readonly state: ReleaseState | undefined;
  /** The error of a refused release; empty when it succeeded. */
  readonly error: string;
  readonly statuses: readonly string[];
  readonly said: readonly string[];
  readonly trace: readonly TraceEvent[];
  /** What it changed on hosts, in order. */
  readonly changes: readonly Change[];
  readonly seconds: number;
}

const USUAL_STACK = "lab";

/**
 * An app on the lab's hosts, released by the provider itself. The config is parsed, declared, planned and applied as in a real
 * run, without the engine, so that a release takes less than a second.
 *
 * @example
 * const app = await App.create(lab, { image: v1 });
 * await app.released();
 * const { error } = await app.refused({ image: v2 });
 */
export class App implements AsyncDisposable {
  /** Wraps each call of a release that changes a host, so that a test can act at that moment. */
  around: Trace["around"] = traceTo(undefined).around;
  /** What `slipway:notify` would have got of its releases, in order. */
  readonly notified: News[] = [];
  readonly #lab: Lab;
  readonly #stack: string;
  readonly #secrets: Readonly<Record<string, string>>;
  #values: StackValues;
  #state: ReleaseState | undefined;
  #forgotten = forgottenIn(undefined);

  private constructor(lab: Lab, values: StackValues, secrets: Readonly<Record<string, string>>, stack: string) {
    this.#lab = lab;
    this.#stack = stack;
    this.#values = { ...labValues(lab), ...values };
    this.#secrets = secrets;
  }

  /** With the proxy on every host that serves requests, as the program would declare it. */
  static async create(
    lab: Lab,
    values: StackValues,
    secrets: Readonly<Record<string, string>> = {},
    stack = USUAL_STACK,
  ): Promise<App> {
    const app = new App(lab, values, secrets, stack);
    const hosts = app.#hosts();
    try {
      const { hosts: all, roles } = await app.inputs();
      const proxied = new Set(Object.values(roles).flatMap((role) => (role.proxy === undefined ? [] : role.hosts)));
      const wanted = Object.values(all).filter(({ name }) => proxied.has(name));
      await Promise.all(wanted.map((host) => proxyProvider.converge(proxyOn(host, stack), undefined, silent(hosts))));
    } finally {
      await hosts.close();
    }
    return app;
  }

  get state(): ReleaseState | undefined {
    return this.#state;
  }

  /** Hosts of `slipway:forget`, for this and all later runs. */
  forget(...entries: readonly string[]): void {
    this.#forgotten = forgottenIn({ get: () => JSON.stringify(entries) });
  }

  /** Changes keys of the config for this and all later releases; `undefined` removes one. */
  configure(values: StackValues): void {
    this.#values = Object.fromEntries(Object.entries({ ...this.#values, ...values }).filter(([, value]) => value !== undefined));
  }

  /** The config as a run gets it. */
  #written(): Record<string, string> {
    const { server, username, password } = this.#lab.registry;
    const secrets = { ...Object(this.#values.secrets), ...this.#secrets };
    const all = { ...this.#values, registry: { server, username, password }, secrets };
    return Object.fromEntries(
      Object.entries(all).map(([key, value]) => [`slipway:${key}`, typeof value === "string" ? value : JSON.stringify(value)]),
    );
  }

  /** What the config declares now. */
  async inputs(): Promise<ReleaseInputs> {
    const config = parseConfig({
      values: this.#written(),
      secretKeys: new Set(["slipway:registry", "slipway:secrets"]),
      stack: this.#stack,
      file: `stacks/Pulumi.${this.#stack}.yaml`,
    });
    const isHere = isFileImage(config.image) || (config.canary !== undefined && isFileImage(config.canary.image));
    const digests = isHere ? await imageDigests(config) : await digestsIn(config);
    const app = declareApp(config);
    return ReleaseInputs.parse({
      schema: 1,
      stack: `slipway/${this.#stack}`,
      adopt: [...config.adopt],
      ...app,
      ...declareImages(config, app.roles, digests),
      hosts: Object.fromEntries(config.hosts.map((host) => [host.name, host])),
      registry: config.registry && { ...config.registry },
    });
  }

  /** What a refresh would find. */
  async read(): Promise<Reading<ReleaseState, ReleaseInputs>> {
    const hosts = this.#hosts();
    try {
      return await this.#readOver(hosts);
    } finally {
      await hosts.close();
    }
  }

  /** The preview's text; empty when nothing would change. */
  async preview(values: StackValues = {}): Promise<string> {
    this.configure(values);
    const inputs = await this.inputs();
    if (this.#state === undefined) return releaseProvider.plan(inputs, undefined).text;
    const reading = await this.read();
    const { changes, text } = releaseProvider.plan(inputs, reading.state);
    return changes ? text : "";
  }

  /** Converges as `pulumi up` does: reads, plans from what it found, applies. */
  async release(values: StackValues = {}, between: () => Promise<void> = async () => {}): Promise<Released> {
    this.configure(values);
    const [trace, changes]: [TraceEvent[], Change[]] = [[], []];
    // The read and the release share one process and its connections, as in a real run.
    const hosts = this.#hosts(trace, changes);
    try {
      const inputs = await this.inputs();
      const reading = this.#state && (await this.#readOver(hosts));
      const seen = reading?.state;
      await between();
      return { ...(await this.#converge(inputs, seen, hosts)), trace, changes };
    } finally {
      await hosts.close();
    }
  }

  async released(values: StackValues = {}): Promise<Released> {
    const outcome = await this.release(values);
    if (outcome.error !== "") throw new Error(outcome.error);
    return outcome;
  }

  async refused(values: StackValues = {}): Promise<Released> {
    const outcome = await this.release(values);
    if (outcome.error === "") throw new Error(`it was released: ${outcome.said.join("\n")}`);
    return outcome;
  }

  async withdraw(): Promise<void> {
    const hosts = this.#hosts();
    try {
      await releaseProvider.withdraw(await this.inputs(), silent(hosts, this.#forgotten));
      this.#state = undefined;
    } finally {
      await hosts.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.withdraw();
  }

  async #readOver(hosts: Hosts): Promise<Reading<ReleaseState, ReleaseInputs>> {
    const declared = this.#state === undefined ? await this.inputs() : ReleaseInputs.parse(this.#state);
    return releaseProvider.read(declared, silent(hosts.shared), this.#state);
  }

  async #converge(
    inputs: ReleaseInputs,
    seen: ReleaseState | undefined,
    hosts: Hosts,
  ): Promise<Omit<Released, "trace" | "changes">> {
    const [statuses, said]: [string[], string[]] = [[], []];
    const report = {
      status: (line: string) => void statuses.push(line),
      say: (text: string) => void said.push(text),
      warn: (text: string) => void said.push(`warning: ${text}`),
    };
    const written = this.#written();
    const config = { get: (key: string) => written[key] };
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    try {
      this.#state = await releaseProvider.converge(inputs, seen, {
        hosts,
        report,
        owner: this.#stack,
        forgotten: this.#forgotten,
        config,
        notify: async (news) => void this.notified.push(news),
        declared: async () => [],
      });
      return { statuses, said, state: this.#state, error: "", seconds: seconds() };
    } catch (thrown) {
      if (!(thrown instanceof SlipwayError)) throw thrown;
      return { statuses, said, state: undefined, error: thrown.message, seconds: seconds() };
    }
  }

  #hosts(trace: TraceEvent[] = [], changes: Change[] = []): Hosts {
    return new Hosts(this.#access(), {
      done: (event) => void trace.push(event),
      around: (change, run) => {
        changes.push(change);
        return this.around(change, run);
      },
    });
  }

  #access(): Access {
    const { ssh } = this.#values;
    return parseAccess(JSON.stringify(ssh), {});
  }
}

async function digestsIn({ image, canary, registry }: Config): Promise<{ image: string; canary: string | undefined }> {
  const tried = canary === undefined ? undefined : resolveDigest(canary.image, registry);
  return { image: await resolveDigest(image, registry), canary: await tried };
}

const silent = (hosts: Hosts, forgotten = forgottenIn(undefined)): Run => ({
  hosts,
  report: { status() {}, say() {}, warn() {} },
  owner: "lab",
  forgotten,
  declared: async () => [],
});

/** The proxy of a host, as the program declares it. */
export const proxyOn = (host: ReleaseInputs["hosts"][string], stack: string): ProxyInputs =>
  ProxyInputs.parse({
    schema: 1,
    host,
    stack: `slipway/${stack}`,
    image: PROXY_IMAGE,
    status: "running",
    publish: ["443:443", "80:80"],
    options: [],
    logMaxSize: "10m",
  });
