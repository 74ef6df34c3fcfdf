import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";

/** How a command is connected to this terminal. */
export interface ExecMode {
  /** It uses this terminal. */
  readonly interactive?: true;
  /** Stdin is passed through unchanged. */
  readonly raw?: true;
  /** It runs on several hosts: each line of output names its host. */
  readonly several: boolean;
}

/** How a command is started that this process does not wait for. */
export interface Detachment {
  readonly detach?: true;
  readonly reuse?: true;
}

/** Refuses impossible combinations before anything else happens. */
export function requireMode({ interactive, raw, several, detach, reuse }: ExecMode & Detachment): void {
  if (detach && (interactive || raw)) throw misused("a detached command has neither a terminal nor a stdin", "--detach alone");
  if (detach && reuse)
    throw misused(
      "a command in the live container ends with that container, at the next release",
      "--detach without --reuse: a new container, which a release does not stop",
    );
  if (several && (interactive || raw)) throw misused("one terminal or one stdin cannot go to several hosts", "--host");
  if (interactive && raw) throw misused("--interactive and --raw cannot be combined", "one of them");
  if (interactive && !hasTerminal()) throw misused("--interactive needs a terminal", "--raw, which passes stdin through");
}

export const hasTerminal = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true;

const misused = (what: string, instead: string): SlipwayError =>
  new SlipwayError({ code: "USAGE", what, servesNow: NOTHING_TOUCHED, next: `use ${instead}` });
