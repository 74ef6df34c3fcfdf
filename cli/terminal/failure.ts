import { errorText, messageOf, SlipwayError } from "../../core/error.ts";
import { printableText } from "../../core/text.ts";
import { printJson } from "./print.ts";

/** Prints an error to stderr. A bug in Slipway comes with its stack trace. */
export function printFailure(thrown: unknown): void {
  if (thrown instanceof SlipwayError) console.error(errorText(thrown.message));
  else console.error(thrown instanceof Error && isBug(thrown) ? thrown : `error: ${printableText(messageOf(thrown))}`);
}

/** The same for a command that was asked for JSON, as the only thing on stdout: `{"schema": 1, "error": {"code": …, "what": …}}`. */
export function printFailureAsJson(thrown: unknown): void {
  const error = thrown instanceof SlipwayError ? thrown.story : { code: "UNEXPECTED", what: messageOf(thrown) };
  printJson({ error });
}

const isBug = (error: Error): boolean =>
  error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;

/** A message while the command runs. It goes to stderr: stdout has only what was asked for. */
export const notice = (line: string): void => console.error(printableText(`slipway: ${line}`));
