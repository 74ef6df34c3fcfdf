import { messageOf, SlipwayError } from "../../core/error.ts";

/** What went wrong, in the house form, on stderr. A mistake of ours comes with its trace. */
export function printFailure(thrown: unknown): void {
  if (thrown instanceof SlipwayError) console.error(`error: ${thrown.message}`);
  else console.error(thrown instanceof Error && isOurs(thrown) ? thrown : `error: ${messageOf(thrown)}`);
}

const isOurs = (error: Error): boolean =>
  error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;

/** Something that a person should know while the command goes on; stdout belongs to what was asked for. */
export const notice = (line: string): void => console.error(`slipway: ${line}`);
