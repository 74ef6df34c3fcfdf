import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseReference } from "../../core/image-reference.ts";
import { imagesOf, type NamedImage, type ReleasedImages } from "../../core/release/named-image.ts";
import type { UnconfirmedTag } from "../../core/release/unconfirmed-tag.ts";
import type { ReleaseInputs } from "./inputs.ts";

/** What this stack has released before: the versions of these images are known. */
interface Known {
  readonly releases: readonly ReleasedImages[];
  readonly canary?: NamedImage | undefined;
}

/**
 * Refuses a release that would be named after a tag and run another image. A version that this stack has released from the same digest
 * is right, wherever its tag points today: so it is after a rollback. Otherwise the registry decides, and where it does not answer or
 * has lost the tag, a digest that is known under another version. Pure.
 */
export function requireTags(inputs: ReleaseInputs, before: Known | undefined): void {
  const known =
    before === undefined ? [] : [...before.releases.flatMap(imagesOf), ...(before.canary === undefined ? [] : [before.canary])];
  for (const tag of inputs.__unconfirmedTags ?? []) {
    const named = namedAfter(tag, inputs);
    if (named === undefined || known.some(({ version, image }) => version === named.version && image === named.image)) continue;
    const earlier = known.findLast(({ image }) => image === named.image);
    if (tag.now.kind === "different") throw disagreement(tag, `the registry's ${tagOf(tag)}: ${tag.now.digest}`);
    if (earlier !== undefined) throw disagreement(tag, `released before as ${earlier.version}; ${describeNow(tag)}`);
  }
}

/** What a plan says of tags that the registry did not confirm, a line each. */
export const tagLines = ({ __unconfirmedTags = [] }: ReleaseInputs): string[] =>
  __unconfirmedTags.map((tag) => `  the digest of ${tag.image} decides what runs: ${describeNow(tag)}`);

function describeNow(tag: UnconfirmedTag): string {
  const { now } = tag;
  switch (now.kind) {
    case "different":
      return `the tag ${tagOf(tag)} is a different image in the registry now (${now.digest})`;
    case "missing":
      return `the registry does not have the tag ${tagOf(tag)} any more`;
    case "unknown":
      return `whether it is that of the tag ${tagOf(tag)} is unknown: ${now.because}`;
  }
}

const tagOf = ({ image }: UnconfirmedTag): string => parseReference(image).tag ?? image;

const namedAfter = ({ digest }: UnconfirmedTag, inputs: ReleaseInputs): NamedImage | undefined =>
  [...imagesOf(inputs), inputs.canary].find((named) => named?.image.endsWith(`@${digest}`));

const disagreement = (tag: UnconfirmedTag, evidence: string): SlipwayError =>
  new SlipwayError({
    code: "CONFIG_INVALID",
    what: `the tag and the digest of ${tag.image} are two different images, so the release would be named after one and run the other`,
    evidence: [`written digest: ${tag.digest}`, evidence],
    servesNow: NOTHING_TOUCHED,
    next: `to release the tag, remove @sha256:… behind ${tag.image} in the stack's config; to release the digest, write the tag that it has`,
  });
