import type { Finding } from "../../kamal/translate/finding.ts";
import type { NeededSecret } from "../../kamal/translate/secret-book.ts";

/** What an import has made of Kamal's files; `slipway import --json` prints it. */
export interface ImportReport {
  readonly service: string;
  /** The project's folder, from the app's. */
  readonly folder: string;
  /** From the project's folder to the app's. */
  readonly toApp: string;
  readonly written: readonly string[];
  /** Files that were there already, and are as they were. */
  readonly kept: readonly string[];
  readonly stacks: readonly StackReport[];
}

export interface StackReport {
  readonly stack: string;
  readonly destination: string | null;
  /** Kamal's files that it was made of. */
  readonly from: readonly string[];
  readonly counts: Readonly<Record<Finding["outcome"], number>>;
  /** Every value of these files, in their order. */
  readonly findings: readonly Finding[];
  readonly secrets: readonly NeededSecret[];
  /** Defaults that differ, where nothing is written. */
  readonly differences: readonly string[];
}

export const countsOf = (findings: readonly Finding[]): StackReport["counts"] => {
  const count = (outcome: Finding["outcome"]) => findings.filter((finding) => finding.outcome === outcome).length;
  return { taken: count("taken"), translated: count("translated"), "needs you": count("needs you"), replaced: count("replaced") };
};
