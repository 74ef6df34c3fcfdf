import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Append, Edit } from "../reconfigure/yaml-edit.ts";

/** A text that is encrypted before it is written. */
export interface NewSecret {
  /** Its name in `slipway:secrets`. */
  readonly name: string;
  readonly value: string;
}

/** What is to be added to a stack's file. */
export interface Addition {
  /** @example "the accessory db (postgres:17) on web-1" */
  readonly what: string;
  /** Paths begin with the key below `config:`. */
  readonly edits: readonly (Edit | Append | Wrap)[];
  readonly secrets: readonly NewSecret[];
  /** What the user has to know or to do after it, a line each. */
  readonly notes: readonly string[];
}

/** Puts a value, as it is written, below further keys: a list of hosts becomes that of a role. */
export interface Wrap {
  readonly path: readonly string[];
  readonly below: readonly string[];
}

/** Refuses an addition. */
export const refused = (what: string, next: string, evidence: readonly string[] = []): SlipwayError =>
  new SlipwayError({ code: "USAGE", what, evidence, servesNow: NOTHING_TOUCHED, next });
