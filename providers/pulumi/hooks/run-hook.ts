import { SlipwayError } from "../../../core/error.ts";
import type { Hook, Moment } from "../../../core/hook.ts";
import { linesOf, printable } from "../../../core/text.ts";
import type { Bytes, HostName, Milliseconds, Seconds } from "../../../core/words.ts";
import { ticking } from "../../steps/ticking.ts";
import type { Report } from "../report.ts";
import { execute } from "./process.ts";

const STATUS_INTERVAL: Milliseconds = 5000;
/** The end of an output says what failed. */
const EVIDENCE = 20;
/** What is printed beyond is not shown, so that a program in a loop does not fill the log of the run. */
const MAX_SHOWN: Bytes = 64 * 1024;

/** A hook that did not succeed. What that means is said by who called it. */
export class HookFailed extends Error {
  override readonly name = "HookFailed";
  readonly moment: Moment;
  readonly evidence: readonly string[];
  readonly next: string;

  constructor(moment: Moment, failure: string, evidence: readonly string[]) {
    super(`hooks.${moment} failed: ${failure}`);
    this.moment = moment;
    this.evidence = evidence;
    this.next = `fix what the output of hooks.${moment} shows`;
  }
}

/** What a hook needs of the run that it is a part of. */
export interface HookRun {
  readonly report: Report;
  /** Aborted when the person cancels the run: the hook is ended. */
  readonly cancelled?: AbortSignal;
}

/** The error of a run that a hook has stopped. */
export const stoppedBy = (failed: HookFailed, { servesNow, next, host }: Consequence): SlipwayError =>
  new SlipwayError(
    {
      code: "HOOK_FAILED",
      what: failed.message,
      evidence: failed.evidence,
      servesNow,
      next: `${failed.next}, then run pulumi up again${next === undefined ? "" : `: ${next}`}`,
      ...(host === undefined ? {} : { host }),
    },
    { cause: failed },
  );

export interface Consequence {
  readonly servesNow: string;
  /** What the next run does about the hook. */
  readonly next?: string;
  readonly host?: HostName;
}

/** Passes on what a hook has thrown. */
export const orStoppedBy =
  (consequence: Consequence) =>
  (thrown: unknown): never => {
    throw thrown instanceof HookFailed ? stoppedBy(thrown, consequence) : thrown;
  };

/** Runs a hook on this machine, with its output in the row of the resource. Throws `HookFailed`. */
export async function runHook(
  moment: Moment,
  hook: Hook,
  { root, env }: { readonly root: string; readonly env: NodeJS.ProcessEnv },
  { report, cancelled: signal }: HookRun,
): Promise<void> {
  const show = (age: Seconds) => report.status(`hooks.${moment} runs${age === 0 ? "" : `, ${age} s`}`);
  show(0);
  const shown = new Shown(report, moment);
  const heard = (lines: readonly string[]) => (hook.output === "verbose" ? shown.add(lines) : undefined);
  const { failure, output } = await ticking(show, execute(hook, { root, env, signal, heard }), STATUS_INTERVAL);
  const last = linesOf(output).map(printable).slice(-EVIDENCE);
  if (failure !== undefined) throw new HookFailed(moment, failure, last);
  shown.end(last);
}

/** What a hook prints, below its name: several may print on one row. */
class Shown {
  readonly #report: Report;
  readonly #moment: Moment;
  #size: Bytes = 0;

  constructor(report: Report, moment: Moment) {
    this.#report = report;
    this.#moment = moment;
  }

  add(lines: readonly string[]): void {
    if (this.#size > MAX_SHOWN) return;
    const head = this.#size === 0 ? [`hooks.${this.#moment}:`] : [];
    this.#size += lines.reduce((sum, line) => sum + line.length + 1, 0);
    this.#say([...head, ...lines.map(indented), ...(this.#size > MAX_SHOWN ? ["  … (its end follows)"] : [])]);
  }

  /** @param last the end of what it has printed */
  end(last: readonly string[]): void {
    if (this.#size > MAX_SHOWN) this.#say(last.map(indented));
  }

  #say(lines: readonly string[]): void {
    this.#report.say(lines.join("\n"));
  }
}

const indented = (line: string): string => `  ${line}`;
