import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { imageOf, ReleasedImages } from "../../core/release/named-image.ts";
import type { HostName, RoleName } from "../../core/words.ts";
import type { Kept } from "./checkpoint.ts";

/** A past release of this stack. */
export const Released = ReleasedImages.extend({
  release: z.string(),
  /** When it was released, in ISO 8601. */
  at: z.string(),
  /** The hash of its config; absent if it was released before that was kept. */
  config: z.string().optional(),
  /** The ids of its containers, which differ by role; absent as well. */
  ids: z.array(z.string()).optional(),
});
export type Released = z.infer<typeof Released>;

/** The images that a release needs on a host, for the roles that are there now. */
export const imagesAt = (
  released: ReleasedImages,
  host: HostName,
  roles: Readonly<Record<RoleName, { readonly hosts: readonly HostName[] }>>,
): string[] => {
  const here = Object.entries(roles).filter(([, { hosts }]) => hosts.includes(host));
  return [...new Set(here.map(([role]) => imageOf(released, role).image))];
};

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

/** The same; throws without one, and lists what `--to` accepts. */
export function previous(newestFirst: readonly Released[]): Released {
  const found = before(newestFirst);
  if (found === undefined) throw noneBefore(newestFirst);
  return found;
}

/** The release that a container with this id belongs to, if the stack has released it: not one that Kamal has left. */
export const releaseOf = (id: string, newestFirst: readonly Released[]): Released | undefined =>
  newestFirst.find(({ release, ids }) => release === id || ids?.includes(id));

/** The release that is given by its number in the list, its id, the id of one of its containers, or its version. */
export function find(newestFirst: readonly Released[], wanted: string): Released {
  const found =
    releaseOf(wanted, newestFirst) ??
    newestFirst.find(({ version }) => version === wanted) ??
    (/^\d+$/.test(wanted) ? newestFirst[Number(wanted) - 1] : undefined);
  if (found === undefined) throw unknown(wanted, newestFirst);
  return found;
}

const rowsOf = (known: readonly Released[]): string[] => known.map(({ release, at }, index) => `${index + 1}  ${release}  ${at}`);

/** After a rollback to the first release nothing is before it, but those that were rolled back can be released again. */
function noneBefore(known: readonly Released[]): SlipwayError {
  const [newest] = known;
  const other = known.findIndex(({ release }) => release !== newest?.release);
  return new SlipwayError({
    code: "UNKNOWN_NAME",
    what: newest === undefined ? "no release is recorded" : `there is no release before ${newest.release}`,
    evidence: rowsOf(known),
    servesNow: NOTHING_TOUCHED,
    next:
      other < 0
        ? "deploy a fixed version: slipway deploy"
        : `choose one of these, as in: slipway rollback --to ${other + 1} (${known[other]?.release})`,
  });
}

const unknown = (wanted: string, known: readonly Released[]): SlipwayError =>
  new SlipwayError({
    code: "UNKNOWN_NAME",
    what: `unknown release: ${wanted}`,
    evidence: rowsOf(known),
    servesNow: NOTHING_TOUCHED,
    next: "name one of these by its number, its id or its version (slipway releases)",
  });
