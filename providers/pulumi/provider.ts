import type { z } from "zod";
import type { Hosts } from "../../hosts/index.ts";
import type { StackConfig } from "../../project/stack-config.ts";
import type { Claim } from "./claims.ts";
import type { Forgotten } from "./forgotten.ts";
import type { RunHooks } from "./hooks/run-hooks.ts";
import type { News } from "./notifier.ts";
import type { Recording } from "./recording.ts";
import type { Report } from "./report.ts";
import type { Upgrades } from "./upgrade.ts";

/** What a provider may use while it works on one resource. */
export interface Run {
  readonly hosts: Hosts;
  readonly report: Report;
  /** Who runs this, shown to others who wait for the lease: `user@machine (project/stack)`. */
  readonly owner: string;
  /** Absent: freezes are obeyed, and no journal is written. */
  readonly recording?: Recording;
  readonly forgotten: Forgotten;
  /** The stack's config, for texts that say what to write in it. Nothing of it may decide what is done. */
  readonly config?: StackConfig | undefined;
  /** Aborted when the person cancels the run: what only waits ends, what changes something is completed or taken back. */
  readonly cancelled?: AbortSignal;
  /** The user's own commands, and how they are run. Absent in a run that only looks. */
  readonly hooks?: RunHooks;
  /** Sends news of a release to `slipway:notify`. Never fails. */
  readonly notify?: (news: News) => Promise<void>;
  /** Those of `claims` that the program of this run declares on the same machine. */
  readonly declared: (claims: readonly Claim[]) => Promise<Claim[]>;
}

/** What a change would be, decided without I/O. With `changes: false` the engine does not call the provider at all. */
export interface Intent {
  readonly changes: boolean;
  /** Inputs that cannot change in place, and whether the new one is created or the old one deleted first. */
  readonly replace?: { readonly because: readonly string[]; readonly first: "create" | "delete" };
  /** The plan, printed on the resource; may be empty. */
  readonly text: string;
}

/** A plan that was made without a look. */
export interface Planned<S> {
  readonly text: string;
  /** Absent before the first deploy. */
  readonly state: S | undefined;
}

/** What was found, under the keys of the inputs. It is shown as drift and never converged, so it need not be valid input. */
export type Shown = Readonly<Record<string, unknown>>;

/** What was found of a resource on its hosts. */
export type Reading<S, D = Shown> =
  | { readonly found: "same"; readonly state: S }
  | { readonly found: "drift"; readonly state: S; readonly inputs: D };

/**
 * Converges one kind of thing on hosts. Takes and returns plain values; what Pulumi's dynamic providers need besides (secrets,
 * progress, unknowns, the form of errors) is up to the adapter, `dynamic.ts`.
 */
export interface Provider<I, S extends I, D = Shown> {
  readonly inputs: z.ZodType<I>;
  readonly state: z.ZodType<S>;
  /** How older inputs and states become those of today. Absent: there is only one version. */
  readonly upgrades?: Upgrades;
  /** Reads any state, as far as removal needs it: host and names. Absent: nothing on a host is removed. */
  readonly remains?: z.ZodType<I>;
  readonly id: (inputs: I) => string;
  /** Pure. `state` is what the last read found; absent before the first deploy. */
  readonly plan: (inputs: I, state: S | undefined, forgotten?: Forgotten) => Intent;
  /**
   * The text of a plan for machines that the state knows nothing of, made from what a look found there. Absent: there is nothing to
   * look at. Pure.
   */
  readonly foresee?: (inputs: I, seen: S, planned: Planned<S>) => string;
  /** Whether the inputs name machines that were not seen under that address before. */
  readonly isNewThere?: (inputs: I, state: S) => boolean;
  /** Brings the hosts to what is declared from any condition: at the first deploy, at later ones, after an interrupted one. */
  readonly converge: (inputs: I, state: S | undefined, run: Run) => Promise<S>;
  /** Observes what was declared. Must work without `state`, so that state of other versions can be refreshed. */
  readonly read: (declared: I, run: Run, state: S | undefined) => Promise<Reading<S, D>>;
  /**
   * Recognizes what another provider left under an alias of the resource, by its inputs in the state.
   *
   * @returns inputs to add
   */
  readonly adopt?: (olds: Readonly<Record<string, unknown>>, inputs: I) => Partial<I> | undefined;
  /** All that `withdraw` would take down. */
  readonly claims: (inputs: I) => readonly Claim[];
  /** Removes what was declared, as far as nothing else needs it and the run does not declare it. */
  readonly withdraw: (declared: I, run: Run) => Promise<void>;
}
