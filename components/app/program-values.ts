import type { ProgramNames } from "../../config/index.ts";

/** Arguments of a program as a stack's file would have them. Outputs of other resources are still in them, as values. */
export interface ProgramValues {
  readonly values: Readonly<Record<string, unknown>>;
  /** How the program writes the keys. */
  readonly names: ProgramNames;
  /** What errors call them: `the arguments of the app shop`. */
  readonly file: string;
  /** The name of an accessory that belongs to no app, and is all that there is. Default: an app. */
  readonly alone?: string | undefined;
}
