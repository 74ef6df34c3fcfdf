import { z } from "zod";
import { Address } from "../../hosts/index.ts";

export const SetupInputs = z.object({
  schema: z.literal(1),
  host: Address,
  role: z.string(),
  /** Shell commands, run in order until one fails. */
  commands: z.array(z.string()).min(1),
  /** A resource of `@pulumi/command` has run them there: earlier versions declared one. */
  adopted: z.literal(true).optional(),
});
export type SetupInputs = z.infer<typeof SetupInputs>;

export const SetupState = SetupInputs.omit({ adopted: true }).extend({
  /** Of the installation on which they ran, if it has one. */
  machine: z.string().optional(),
});
export type SetupState = z.infer<typeof SetupState>;

/** What the shell gets. */
export const scriptOf = (commands: readonly string[]): string => ["set -e", ...commands, ""].join("\n");
