import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import type { CommandResult, Host } from "../../hosts/index.ts";
import type { Report } from "../pulumi/report.ts";
import type { Step } from "./packages.ts";

/** A machine that was just made may update itself for some minutes before anybody else may. */
const LOCK: Seconds = 600;
const BETWEEN: Milliseconds = 250;
const TICK: Milliseconds = 1000;

/** Acts on one host as root, by itself or by sudo: only what is asked of it here runs that way. */
export class Root {
  readonly #host: Host;
  readonly #report: Report;
  readonly under: readonly string[];

  constructor(host: Host, under: readonly string[], report: Report) {
    this.#host = host;
    this.under = under;
    this.#report = report;
  }

  /** Does one step; `failed` makes the error of one that ends with another code than 0. */
  async do(step: Step, failed: (ran: CommandResult) => Promise<Error>): Promise<void> {
    this.#report.status(step.says);
    if (step.does === "write") return this.write(step.path, step.content);
    const ran = await this.#host.change(step.says, () => this.#unlocked(step));
    if (ran.code !== 0) throw await failed(ran);
  }

  /** One command that is over in a moment. A code other than 0 is not an error. */
  run(argv: readonly string[], within: Seconds = 30): Promise<CommandResult> {
    return this.#host.change(argv.slice(0, 2).join(" "), () =>
      this.#host.run([...this.under, ...argv], { deadline: Deadline.in(within) }),
    );
  }

  /** For everybody to read, for root to change. */
  write(path: string, content: string): Promise<void> {
    return this.#host.change(`write ${path}`, () =>
      this.#host.write(path, content, { mode: 0o644, owner: "root:root", under: this.under }),
    );
  }

  /** Again as long as another program has the lock of the packages: apt itself says who, and gives up at once on some of its locks. */
  async #unlocked({ says, argv, within }: Extract<Step, { does: "run" }>): Promise<CommandResult> {
    const began = performance.now();
    const patience = Deadline.in(LOCK);
    for (;;) {
      const ran = await this.#ticking(says, this.#host.run([...this.under, ...argv], { deadline: Deadline.in(within) }));
      if (ran.code === 0 || !LOCKED.test(ran.stderr)) return ran;
      const who = holder(`${ran.stdout}\n${ran.stderr}`);
      const age = Math.round((performance.now() - began) / 1000);
      if (patience.passed) throw locked(this.#host, who, age);
      this.#report.status(`${says}: waiting for ${who}, which has apt's lock (${age} s)`);
      await sleep(BETWEEN);
    }
  }

  /** The row lives while a command runs that says nothing before its end. */
  async #ticking<T>(says: string, work: Promise<T>): Promise<T> {
    const began = performance.now();
    const tick = setInterval(() => {
      const age = Math.round((performance.now() - began) / 1000);
      // Until then it may still wait for a lock, which the row says already.
      if (age > 1) this.#report.status(`${says} · ${age} s`);
    }, TICK);
    try {
      return await work;
    } finally {
      clearInterval(tick);
    }
  }
}

const LOCKED = /could not get lock|unable to (?:acquire|lock)|lock was locked/i;

/** apt names the holder while it waits on stdout, and when it gives up at once on stderr; dpkg has words of its own. */
export function holder(words: string): string {
  const { id, name } = HOLDER.exec(words)?.groups ?? DPKG_HOLDER.exec(words)?.groups ?? {};
  if (id === undefined) return "another program";
  return name === undefined ? `process ${id}` : `${name} (process ${id})`;
}

const HOLDER = /held by process (?<id>\d+)(?: \((?<name>[^)]*)\))?/;
const DPKG_HOLDER = /locked by (?:another|(?<name>\S+)) process with pid (?<id>\d+)/;

const locked = (host: Host, who: string, age: Seconds): SlipwayError =>
  new SlipwayError({
    what: `${who} has had the lock of the packages for ${age} s`,
    host: host.name,
    servesNow: `what served before on ${host.name}`,
    next: `see what it does: ps -ef | grep -E 'apt|dpkg|unattended'; let it end, then run pulumi up again`,
  });
