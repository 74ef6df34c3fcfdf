import { messageOf, SlipwayError } from "../../core/error.ts";

/** Prints an error to stderr. A bug in Slipway comes with its stack trace. */
export function printFailure(thrown: unknown): void {
  if (thrown instanceof SlipwayError) console.error(`error: ${thrown.message}`);
  else console.error(thrown instanceof Error && isBug(thrown) ? thrown : `error: ${messageOf(thrown)}`);
}

const isBug = (error: Error): boolean =>
  error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;

/** A message while the command runs. It goes to stderr: stdout has only what was asked for. */
export const notice = (line: string): void => console.error(`slipway: ${line}`);
