import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import type { CommandResult, Host } from "../../hosts/index.ts";
import type { Report } from "../pulumi/report.ts";
import { ticking } from "../steps/ticking.ts";
import type { Step } from "./packages.ts";

/** A new machine may update itself for some minutes and hold apt's lock. */
const LOCK_TIMEOUT: Seconds = 600;
const RETRY_INTERVAL: Milliseconds = 250;

/** Runs commands on one host as root, directly or by sudo. */
export class Root {
  readonly #host: Host;
  readonly #report: Report;
  readonly under: readonly string[];

  constructor(host: Host, under: readonly string[], report: Report) {
    this.#host = host;
    this.under = under;
    this.#report = report;
  }

  /** Runs one step; `failed` makes the error if it does not end with 0. */
  async do(step: Step, failed: (ran: CommandResult) => Promise<Error>): Promise<void> {
    this.#report.status(step.label);
    if (step.kind === "write") return this.write(step.path, step.content);
    const ran = await this.#host.change(step.label, () => this.#unlocked(step));
    if (ran.code !== 0) throw await failed(ran);
  }

  /** One short command. Any exit code is returned, none is an error. */
  run(argv: readonly string[], within: Seconds = 30): Promise<CommandResult> {
    return this.#host.change(argv.slice(0, 2).join(" "), () =>
      this.#host.run([...this.under, ...argv], { deadline: Deadline.in(within) }),
    );
  }

  /** Writable by root; world-readable unless `mode` says otherwise. */
  write(path: string, content: string, mode = 0o644): Promise<void> {
    return this.#host.change(`write ${path}`, () =>
      this.#host.write(path, content, { mode, owner: "root:root", under: this.under }),
    );
  }

  /** Retries while another program holds the package lock. apt says who holds it, and gives up at once on some of its locks. */
  async #unlocked({ label, argv, timeout }: Extract<Step, { kind: "run" }>): Promise<CommandResult> {
    const began = performance.now();
    const patience = Deadline.in(LOCK_TIMEOUT);
    // Within the first second it may be waiting for a lock, which the row already says.
    const show = (age: Seconds) => (age > 1 ? this.#report.status(`${label} · ${age} s`) : undefined);
    for (;;) {
      const ran = await ticking(show, this.#host.run([...this.under, ...argv], { deadline: Deadline.in(timeout) }));
      if (ran.code === 0 || !LOCKED.test(ran.stderr)) return ran;
      const who = holder(`${ran.stdout}\n${ran.stderr}`);
      const age = Math.round((performance.now() - began) / 1000);
      if (patience.passed) throw locked(this.#host, who, age);
      this.#report.status(`${label}: waiting for ${who}, which holds apt's lock (${age} s)`);
      await sleep(RETRY_INTERVAL);
    }
  }
}

const LOCKED = /could not get lock|unable to (?:acquire|lock)|lock was locked/i;

/** apt names the holder on stdout while it waits, and on stderr when it gives up at once; dpkg phrases it differently. */
export function holder(output: string): string {
  const { id, name } = HOLDER.exec(output)?.groups ?? DPKG_HOLDER.exec(output)?.groups ?? {};
  if (id === undefined) return "another program";
  return name === undefined ? `process ${id}` : `${name} (process ${id})`;
}

const HOLDER = /held by process (?<id>\d+)(?: \((?<name>[^)]*)\))?/;
const DPKG_HOLDER = /locked by (?:another|(?<name>\S+)) process with pid (?<id>\d+)/;

const locked = (host: Host, who: string, age: Seconds): SlipwayError =>
  new SlipwayError({
    code: "PACKAGE_LOCK_TIMEOUT",
    what: `${who} has held the package lock for ${age} s`,
    host: host.name,
    servesNow: `what served before on ${host.name}`,
    next: `see what it is doing: ps -ef | grep -E 'apt|dpkg|unattended'; let it finish, then run pulumi up again`,
  });
