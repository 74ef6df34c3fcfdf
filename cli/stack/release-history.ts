import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Kept } from "./checkpoint.ts";

/** A past release of this stack. */
export const Released = z.object({
  release: z.string(),
  version: z.string(),
  /** By digest. */
  image: z.string(),
  /** When it was released, in ISO 8601. */
  at: z.string(),
});
export type Released = z.infer<typeof Released>;

/** All recorded releases, newest first: the first one is number 1. */
export function listReleases({ outputs }: Kept): Released[] {
  const known = z.array(Released).safeParse(outputs.releases);
  return known.success ? known.data.toReversed() : [];
}

/** The release before the newest one, without releases that were rolled back: after A, B, C and a rollback to B that is A, not C. */
export function before(newestFirst: readonly Released[]): Released | undefined {
  const kept: Released[] = [];
  for (const released of newestFirst.toReversed()) {
    const again = kept.findIndex(({ release }) => release === released.release);
    if (again >= 0) kept.length = again;
    kept.push(released);
  }
  return kept.at(-2);
}

/** The release that is given by its number in the list, its id or its version. */
export function find(newestFirst: readonly Released[], wanted: string): Released {
  const found =
    newestFirst.find(({ release }) => release === wanted) ??
    newestFirst.find(({ version }) => version === wanted) ??
    (/^\d+$/.test(wanted) ? newestFirst[Number(wanted) - 1] : undefined);
  if (found === undefined) throw unknown(wanted, newestFirst);
  return found;
}

const unknown = (wanted: string, known: readonly Released[]): SlipwayError =>
  new SlipwayError({
    code: "UNKNOWN_NAME",
    what: `unknown release: ${wanted}`,
    evidence: known.map(({ release, at }, index) => `${index + 1}  ${release}  ${at}`),
    servesNow: NOTHING_TOUCHED,
    next: "name one of these by its number, its id or its version (slipway releases)",
  });
