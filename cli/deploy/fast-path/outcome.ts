/** What the fast path found out. */
export type Outcome =
  | { readonly kind: "nothing to do"; readonly release: string; readonly resources: number }
  /** Something differs, or is unknown: only the engine can decide. */
  | { readonly kind: "start engine"; readonly because: string };

export const startEngine = (because: string): Outcome => ({ kind: "start engine", because });
