import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";

/** How a command and this terminal come together. */
export interface ExecMode {
  /** With this terminal. */
  readonly interactive?: true;
  /** Stdin goes on, byte for byte. */
  readonly raw?: true;
  /** More than one host may answer: lines say which. */
  readonly several: boolean;
}

/** Refuses what cannot be, before anybody is asked anything. */
export function requireMode({ interactive, raw, several }: ExecMode): void {
  if (several && (interactive || raw)) throw misused("one terminal or one stdin cannot go to several hosts", "--host");
  if (interactive && raw) throw misused("--interactive and --raw exclude each other", "one of them");
  if (interactive && !hasTerminal()) throw misused("there is no terminal here for --interactive", "--raw, which passes stdin on");
}

export const hasTerminal = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true;

const misused = (what: string, instead: string): SlipwayError =>
  new SlipwayError({ what, servesNow: NOTHING_TOUCHED, next: `use ${instead}` });
