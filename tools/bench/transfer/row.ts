import type { Bytes } from "../../../core/words.ts";
import { median, rounded } from "../result.ts";
import { type LineShape, secondsOnLine, type TransferRow } from "./result.ts";
import type { Sent } from "./ways.ts";

/** What one round has measured. */
export interface Round {
  readonly ours: Sent;
  readonly registry: Sent;
  /** Only on a line without a limit. */
  readonly free?: {
    readonly plain: Sent;
    /** MB/s. */
    readonly forward: { readonly ours: number; readonly openssh: number };
    /** Not in every round: it takes as long as all others together. */
    readonly saveLoad?: Sent;
  };
}

/** What was sent to where. */
export interface Case {
  readonly image_mb: number;
  readonly changed_mb: number;
  readonly hosts: number;
  readonly line: LineShape;
}

/**
 * The medians of all rounds on one line.
 *
 * @param saved the bytes of `docker save | ssh docker load` where it was measured, for a line on which it was not
 */
export function rowOf({ line, ...sent }: Case, rounds: readonly Round[], saved: Bytes = 0): TransferRow {
  const of = (value: (round: Round) => number) => median(rounds.map(value));
  const bytes = Math.round(of(({ ours }) => ours.bytes));
  const always = {
    rounds: rounds.length,
    ...sent,
    ...line,
    bytes,
    s: rounded(of(({ ours }) => ours.s)),
    registry_bytes: Math.round(of(({ registry }) => registry.bytes)),
    registry_s: rounded(of(({ registry }) => registry.s)),
  };
  if (line.mbit !== undefined) {
    const needs = (amount: Bytes) => rounded(secondsOnLine(amount, line.mbit ?? 0));
    return { ...always, save_load_bytes: saved, save_load_s: needs(saved), limit_s: needs(bytes) };
  }
  const free = rounds.flatMap(({ free: one }) => one ?? []);
  const freely = (value: (round: NonNullable<Round["free"]>) => number) => median(free.map(value));
  const complete = free.flatMap(({ saveLoad }) => saveLoad ?? []);
  return {
    ...always,
    save_load_bytes: Math.round(median(complete.map(({ bytes: all }) => all))),
    save_load_s: rounded(median(complete.map(({ s }) => s))),
    limit_s: rounded(freely(({ plain }) => plain.s)),
    ours_mb_s: rounded(freely(({ forward }) => forward.ours)),
    openssh_mb_s: rounded(freely(({ forward }) => forward.openssh)),
  };
}
