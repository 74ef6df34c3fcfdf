import { SlipwayError } from "../../core/error.ts";
import { ConnectionLost } from "../../hosts/index.ts";

/** Whether an error already says what a user can act on. A step adds what it was about to any other, and lets these pass. */
export const isExplained = (thrown: unknown): thrown is SlipwayError | ConnectionLost =>
  thrown instanceof SlipwayError || thrown instanceof ConnectionLost;
