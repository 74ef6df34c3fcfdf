import type { DeclaredBackup } from "../../cli/backup/declared-backup.ts";
import { type RestoreOptions, restore } from "../../cli/backup/restore.ts";
import { secretsFingerprint } from "../../core/container/fingerprint.ts";
import { Deadline } from "../../core/deadline.ts";
import { type Access, Hosts, parseAccess, type Trace, traceTo } from "../../hosts/index.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Lab } from "../../lab/lab.ts";
import { type Backup, type Job, ScheduleInputs, type ScheduleState } from "../../providers/schedule/inputs.ts";
import { programHash } from "../../providers/schedule/programs.ts";
import { scheduleProvider } from "../../providers/schedule/provider.ts";
import { addressOf, ProviderRun } from "./provider-run.ts";

export const PASSWORD = "a right one";
const NEVER = { cron: "0 0 1 1 *", timezone: "UTC", timeout: 120 };

/** A schedule on a lab host, converged by its provider as a real run does it. */
export class Scheduled {
  readonly #lab: Lab;
  readonly #host: LabHost;
  #inputs: ScheduleInputs;
  #state: ScheduleState | undefined;

  /** @param image with Node */
  constructor(lab: Lab, host: LabHost, image: string) {
    this.#lab = lab;
    this.#host = host;
    const { server, username, password } = lab.registry;
    this.#inputs = ScheduleInputs.parse({
      schema: 1,
      host: addressOf(host),
      stack: "slipway/lab",
      service: "shop",
      image,
      programs: programHash(),
      backups: {},
      jobs: {},
      registry: { server, username, password },
      secrets: {},
      status: "running",
    });
  }

  get inputs(): ScheduleInputs {
    return this.#inputs;
  }

  get access(): Access {
    return parseAccess(JSON.stringify({ keys: this.#lab.key.file, agent: false, config: false }), {});
  }

  /** One backup, as the commands read it. */
  at(name: string) {
    const backup = this.#inputs.backups[name];
    if (backup === undefined) throw new RangeError(`no backup ${name}`);
    // The state contains no secret values that a command could read.
    return { name, backup, inputs: { ...this.#inputs, secrets: {} } };
  }

  /** `slipway backup restore`, without its question. */
  async restore(
    from: DeclaredBackup,
    options: Partial<RestoreOptions> = {},
    around: Trace["around"] = traceTo(undefined).around,
  ): Promise<number> {
    await using hosts = new Hosts(this.access, { ...traceTo(undefined), around });
    return restore(from, hosts, { id: undefined, identity: undefined, asked: false, ...options });
  }

  /** Reads, plans and converges; returns what was changed on the host. */
  async converge(
    change: Partial<Pick<ScheduleInputs, "backups" | "jobs" | "secrets">> = {},
    around?: ProviderRun["around"],
  ): Promise<string[]> {
    this.#inputs = { ...this.#inputs, ...change };
    await using run = new ProviderRun(this.#lab);
    if (around !== undefined) run.around = around;
    this.#state = await scheduleProvider.converge(this.#inputs, this.#state, run);
    return run.changes.map(({ what }) => what);
  }

  /** What a preview would find and print. */
  async look() {
    await using run = new ProviderRun(this.#lab);
    const reading = await scheduleProvider.read(this.#inputs, run, this.#state);
    const state = reading.state;
    return { found: reading.found, warned: run.warned, state, plan: scheduleProvider.plan(this.#inputs, state) };
  }

  async withdraw(): Promise<string[]> {
    await using run = new ProviderRun(this.#lab);
    await scheduleProvider.withdraw(this.#inputs, run);
    return run.said;
  }

  /** Polls the host until `look` returns a value. */
  until<T>(look: () => Promise<T | undefined>, what: string, seconds = 30): Promise<T> {
    return Deadline.in(seconds).until(look, () => new Error(`${this.#host.name}: ${what} did not come`));
  }
}

/** The backup of a database, never triggered by its schedule. */
export const aBackup = (change: Partial<Backup>): Backup => ({
  ...NEVER,
  env: { POSTGRES_USER: "app", POSTGRES_DB: "shop" },
  secretEnv: { POSTGRES_PASSWORD: "DB" },
  secretsFingerprint: secretsFingerprint({ PASSWORD }, "lab"),
  container: "shop-db",
  folder: "shop-db",
  image: "postgres",
  spec: "aaaaaaaa",
  preset: "postgres",
  port: 5432,
  network: "kamal",
  keep: 3,
  to: { kind: "directory", path: "/srv/shop/backups" },
  ...change,
});

/** A job in an image with a shell, never triggered by its schedule. */
export const aJob = (image: string, script: string, change: Partial<Job> = {}): Job => ({
  ...NEVER,
  concurrency: "forbid",
  env: {},
  secretEnv: {},
  secretsFingerprint: "",
  image,
  command: ["sh", "-c", script],
  labels: {},
  mounts: [],
  logging: { driver: "json-file", options: {} },
  stopTimeout: 1,
  options: { restart: { name: "no" }, capAdd: [], capDrop: [], readOnly: false, tmpfs: {}, addHost: [], ulimits: [] },
  ...change,
});
