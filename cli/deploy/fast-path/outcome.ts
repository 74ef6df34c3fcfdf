import type { Declared } from "./memory.ts";

/** What the fast path found out. */
export type Outcome =
  | { readonly kind: "nothing to do"; readonly release: string; readonly resources: number }
  /** Something differs, or is unknown: only the engine can decide. */
  | { readonly kind: "start engine"; readonly because: string };

/** The same, with what it had to know for it. */
export interface Answer {
  readonly outcome: Outcome;
  /** What the project's files declare now. */
  readonly declared?: Declared | undefined;
  /** What a person may not expect of a run that has nothing to do. */
  readonly note?: string | undefined;
}

export const startEngine = (because: string): Outcome => ({ kind: "start engine", because });
