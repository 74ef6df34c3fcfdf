import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { ask } from "./ask.ts";

/** Throws where no question can be asked. @param what "a rollback" */
export function requireConfirmation(agreed: boolean, what: string): void {
  if (agreed || process.stdin.isTTY) return;
  throw new SlipwayError({
    code: "USAGE",
    what: `${what} needs a confirmation, and there is no terminal to ask for it`,
    servesNow: NOTHING_TOUCHED,
    next: "run it with --yes, or on a terminal",
  });
}

/** Whether a person agrees. @param agreed with `--yes` @param what "a stop" */
export async function isConfirmed(agreed: boolean, what: string, question: string): Promise<boolean> {
  requireConfirmation(agreed, what);
  return agreed || ask(question);
}

/** The exit code of a command that was declined, by which nothing was changed. */
export const DECLINED = 1;
