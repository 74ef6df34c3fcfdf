import type { z } from "zod";
import type { Hosts } from "../../hosts/index.ts";
import type { Report } from "./report.ts";

/** What a provider may use while it works on one resource. */
export interface Run {
  readonly hosts: Hosts;
  readonly report: Report;
  /** Who runs this, for the lease and its waiters: `user@machine`. */
  readonly owner: string;
}

/** What a change would be, decided without I/O. `changes: false` means that not one call would be made. */
export interface Intent {
  readonly changes: boolean;
  /** Inputs that cannot change in place, and which of the two exists alone for a while. */
  readonly replace?: { readonly because: readonly string[]; readonly first: "create" | "delete" };
  /** The plan as a person reads it, printed on the resource; empty where there is nothing to read. */
  readonly text: string;
}

/** What was found, under the keys of the inputs. It is shown as drift and never converged, so it need not be valid input. */
export type Shown = Readonly<Record<string, unknown>>;

/** What was found of a resource on its hosts. */
export type Reading<S, D = Shown> =
  | { readonly found: "same"; readonly state: S }
  | { readonly found: "drift"; readonly state: S; readonly inputs: D };

/**
 * What converges one kind of thing on hosts. Plain values in, plain values out; everything that Pulumi's dynamic providers
 * need besides (secrets, progress, unknowns, the form of errors) is the adapter's: `dynamic.ts`.
 */
export interface Provider<I, S extends I, D = Shown> {
  readonly inputs: z.ZodType<I>;
  readonly state: z.ZodType<S>;
  readonly id: (inputs: I) => string;
  /** Pure. `state` is what the last read found; none before the first deploy. */
  readonly plan: (inputs: I, state: S | undefined) => Intent;
  /** Makes it so, from whatever is there; used for the first deploy, for every later one, and after an interrupted one. */
  readonly converge: (inputs: I, state: S | undefined, run: Run) => Promise<S>;
  /** What is there of what was declared. Needs no facts of earlier reads (`state`), so that state of other versions can be read. */
  readonly read: (declared: I, run: Run, state: S | undefined) => Promise<Reading<S, D>>;
  readonly withdraw: (declared: I, run: Run) => Promise<void>;
}
