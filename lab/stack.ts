import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { ensurePulumi, forCommand, pulumiEnvironment } from "../tools/pulumi/index.ts";
import type { LabHost } from "./host.ts";
import type { Lab } from "./lab.ts";
import { launch, type Outcome, type Running } from "./pulumi-run.ts";

export type { Outcome, Running } from "./pulumi-run.ts";

const ROOT = join(import.meta.dirname, "..");

const Exported = z.object({ deployment: z.object({ resources: z.array(z.object({ urn: z.string() })) }) });

/** The values of `slipway:` keys, as in a stack's YAML file. */
export type StackValues = Readonly<Record<string, unknown>>;

/**
 * One stack of this project on the lab, driven by the real Pulumi CLI as a user drives it: a file in `stacks/`, secrets set by
 * `pulumi config set --secret`, its own state.
 *
 * @example
 * await using stack = await LabStack.create(lab, { image: ref, servers: { web: { hosts: addressesOf(lab.hosts) } } });
 * const { code, output } = await stack.up();
 */
export class LabStack implements AsyncDisposable {
  name: string;
  /** Environment of each run; tests may extend it. */
  readonly env: NodeJS.ProcessEnv;
  readonly #folder: string;
  #file: string;

  /** Stacks of the same backend, removed with this one. */
  readonly #siblings: LabStack[] = [];

  private constructor(name: string, folder: string, env: NodeJS.ProcessEnv) {
    this.name = name;
    this.env = env;
    this.#folder = folder;
    this.#file = fileOf(name);
  }

  /**
   * A new stack whose config has access to the lab's hosts and registry; `values` replace whole keys of it.
   *
   * @param secrets paths and values for `pulumi config set --secret`: `{"slipway:secrets.TOKEN": "…"}`
   */
  static async create(lab: Lab, values: StackValues, secrets: Readonly<Record<string, string>> = {}): Promise<LabStack> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-stack-"));
    const [state, home] = [join(folder, "state"), join(folder, "home")];
    await Promise.all([mkdir(state), mkdir(home)]);
    const pulumi = await ensurePulumi();
    const env = pulumiEnvironment({ pulumi, home, backend: pathToFileURL(state).href, passphrase: "lab" });
    const stack = new LabStack(freshName(), folder, {
      ...env,
      NODE_EXTRA_CA_CERTS: lab.registry.certificates.bundle,
      // No setting of this machine's operator may help a test to pass.
      SSH_AUTH_SOCK: "",
      HOME: folder,
    });
    await stack.#init(lab, values, secrets);
    return stack;
  }

  /** Another stack of the same operator, in the same backend. It goes with this one. */
  async sibling(lab: Lab, values: StackValues, secrets: Readonly<Record<string, string>> = {}): Promise<LabStack> {
    const stack = new LabStack(freshName(), this.#folder, this.env);
    this.#siblings.push(stack);
    await stack.#init(lab, values, secrets);
    return stack;
  }

  async #init(lab: Lab, values: StackValues, secrets: Readonly<Record<string, string>>): Promise<void> {
    await this.#must(["stack", "init", this.name]);
    await this.configure({ ...labValues(lab), ...values });
    await this.secrets({ "slipway:registry.password": lab.registry.password, ...secrets });
  }

  /** Sets `slipway:` keys in the stack's file; `undefined` removes one. */
  async configure(values: StackValues): Promise<void> {
    await setValues(this.#file, values);
  }

  /** Sets secrets in a single call. */
  async secrets(values: Readonly<Record<string, string>>): Promise<void> {
    const set = Object.entries(values).flatMap(([path, value]) => ["--secret", `${path}=${value}`]);
    await this.#must(["config", "set-all", "--path", "-s", this.name, ...set]);
  }

  /** `pulumi stack rename`, which renames its file as well. */
  async rename(name: string): Promise<void> {
    await this.#must(["stack", "rename", name, "-s", this.name]);
    this.name = name;
    this.#file = fileOf(name);
  }

  preview(): Promise<Outcome> {
    return this.launch(["preview"]).done;
  }

  /** As a user runs it: preview, then update. */
  up(...more: readonly string[]): Promise<Outcome> {
    return this.launch(["up", "--yes", ...more]).done;
  }

  destroy(): Promise<Outcome> {
    return this.launch(["destroy", "--yes"]).done;
  }

  /** The complete state, as anyone with access to the backend can read it. */
  async exported(): Promise<string> {
    return (await this.#must(["stack", "export", "-s", this.name])).output;
  }

  /** The URNs of its resources, providers and the stack itself left out. */
  async urns(): Promise<string[]> {
    const { deployment } = Exported.parse(JSON.parse(await this.exported()));
    return deployment.resources.map(({ urn }) => urn).filter((urn) => !/::pulumi:(providers:|pulumi:Stack)/.test(urn));
  }

  /** The folder of its backend. */
  get stateFolder(): string {
    return join(this.#folder, "state");
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.#must(["stack", "output", "--json", "-s", this.name])).output) as Record<string, unknown>;
  }

  /** A command that runs while the test does something to it. */
  launch(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
    return launch(
      [...args, "--non-interactive", "--color", "never", "-s", this.name],
      { ...forCommand(args), ...this.env, ...env },
      { trace: this.#folder, project: ROOT },
    );
  }

  /** Its file, with the config. */
  get file(): string {
    return this.#file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { file } of [this, ...this.#siblings]) await rm(file, { force: true });
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #must(args: readonly string[]): Promise<Outcome> {
    const outcome = await launch(args, this.env, { trace: this.#folder, project: ROOT }).done;
    if (outcome.code !== 0) throw new Error(`pulumi ${args[0]} failed\n${outcome.output}`);
    return outcome;
  }
}

/** Sets `slipway:` keys in a stack's file; `undefined` removes one. */
export async function setValues(file: string, values: StackValues): Promise<void> {
  const written = (parse(await readFile(file, "utf8").catch(() => "{}")) ?? {}) as { config?: Record<string, unknown> };
  const config = { ...written.config };
  for (const [key, value] of Object.entries(values)) config[`slipway:${key}`] = value;
  await writeFile(file, stringify({ ...written, config }, { keepUndefined: false }));
}

const freshName = (): string => `lab-${randomBytes(3).toString("hex")}`;

const fileOf = (name: string): string => join(ROOT, "stacks", `Pulumi.${name}.yaml`);

/** The access that every stack on the lab needs. */
export function labValues(lab: Lab): StackValues {
  return {
    service: "shop",
    servers: { web: { hosts: addressesOf(lab.hosts) } },
    ssh: {
      keys: [lab.key.file],
      agent: false,
      config: false,
      host_keys: Object.fromEntries(lab.hosts.map(({ name, hostKey }) => [name, hostKey])),
    },
    registry: { server: lab.registry.server, username: lab.registry.username },
    proxy: { app_port: 3000 },
  };
}

/** `{"web-1": "10.1.2.3"}` */
export const addressesOf = (hosts: readonly Pick<LabHost, "name" | "address">[]): Record<string, string> =>
  Object.fromEntries(hosts.map(({ name, address }) => [name, address]));
