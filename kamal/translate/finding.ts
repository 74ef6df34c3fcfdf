import type { Place } from "../source/place.ts";
import type { Path } from "../yaml/tree.ts";

/**
 * What has become of a value of Kamal's files, and of all below it.
 *
 * - `taken`: it is in the stack as it was.
 * - `translated`: it means the same in another form, or is not needed.
 * - `needs you`: a person has to decide or write something.
 * - `replaced`: the file of the destination has another value.
 */
export type Outcome = "taken" | "translated" | "needs you" | "replaced";

export interface Finding {
  readonly outcome: Outcome;
  /** In Kamal's config. */
  readonly path: Path;
  readonly at: Place;
  /** In the stack's file, from the root key on. */
  readonly to: Path | undefined;
  /** What was made of it, or what to write; empty for what is taken. Never a value that may be secret. */
  readonly says: string;
}
