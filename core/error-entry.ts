/** What docs/errors.md says of one error. */
export interface ErrorEntry {
  /** What leads to it. */
  readonly cause: string;
  /** What to look at. */
  readonly look: string;
  /** The next step. */
  readonly next: string;
}
