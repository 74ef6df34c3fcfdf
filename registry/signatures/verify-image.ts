import { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseReference, pinned } from "../../core/image-reference.ts";
import type { Registry } from "../../core/registry.ts";
import { describeTrust, type Trust, type VerifiedImage } from "../../core/trust.ts";
import type { Seconds } from "../../core/words.ts";
import { resolveDigest } from "../digest.ts";
import { listedIn } from "../listed.ts";
import { Repository } from "../repository.ts";
import { findSignatures } from "./find.ts";

/** For all requests about one image, including all retries. */
const TIMEOUT: Seconds = 30;

/**
 * Verifies that an image is signed, from its registry. Where a reference has a tag beside the digest of one platform, the signature of the
 * tag's index counts as well, if that lists the digest: CI signs what it pushes. Rejects with a `SlipwayError` if no signature is trusted.
 *
 * @param image as it is written, with its registry
 * @param digest what is released
 * @param login of any registry: that of another one is not sent
 */
export async function verifyImage(
  image: string,
  digest: string,
  trust: Trust,
  login: Registry | undefined,
  deadline = Deadline.in(TIMEOUT),
): Promise<VerifiedImage> {
  const reference = parseReference(image);
  const by = await judgeAll(image, digest, trust, login, deadline);
  if (by.kind === "trusted") return { signed: by.by };
  const refusals = by.because;
  const index =
    reference.digest === undefined || reference.tag === undefined ? undefined : await indexWith(image, digest, login, deadline);
  if (index !== undefined) {
    const ofIndex = await judgeAll(image, index, trust, login, deadline);
    if (ofIndex.kind === "trusted") return { signed: ofIndex.by, index };
    refusals.push(...ofIndex.because);
  }
  throw new SlipwayError({
    code: "IMAGE_UNVERIFIED",
    what: `the image ${pinned(reference, digest)} does not have the signature that slipway:verify asks for`,
    evidence: [
      `looked for: a signature ${describeTrust(trust)}`,
      ...(refusals.length === 0 ? ["there is: none"] : refusals.slice(0, SHOWN)),
    ],
    servesNow: NOTHING_TOUCHED,
    next: `sign it where it is built: ${signing(trust)} ${pinned(reference, index ?? digest)}; or release the digest that is signed; or correct slipway:verify`,
  });
}

/** Of many signatures, the first ones say enough. */
const SHOWN = 5;

const signing = (trust: Trust): string => (trust.by === "key" ? "cosign sign --key cosign.key" : "cosign sign");

async function judgeAll(image: string, digest: string, trust: Trust, login: Registry | undefined, deadline: Deadline) {
  const found = await findSignatures(new Repository(image, login, deadline), image, digest);
  // Most runs verify nothing: the library is loaded for those that do.
  const { judge } = await import("./judge.ts");
  const verdicts = found.map((one) => ({ at: one.at, verdict: judge(one, digest, trust) }));
  const trusted = verdicts.flatMap(({ verdict }) => (verdict.kind === "trusted" ? [verdict] : []));
  if (trusted[0] !== undefined) return trusted[0];
  const because = verdicts.flatMap(({ at, verdict }) =>
    verdict.kind === "trusted" ? [] : [`there is: ${at.slice(0, "sha256:".length + 8)}…, which ${verdict.because}`],
  );
  return { kind: "refused" as const, because };
}

/** The digest of the tag's index, if it lists this image. */
async function indexWith(
  image: string,
  digest: string,
  login: Registry | undefined,
  deadline: Deadline,
): Promise<string | undefined> {
  const tagged = image.slice(0, -`@${digest}`.length);
  const now = await resolveDigest(tagged, login, deadline).catch(ifMissing);
  if (now === undefined || now === digest) return undefined;
  return (await listedIn(`${tagged}@${now}`, login, deadline)).includes(digest) ? now : undefined;
}

/** A tag that is lost says nothing about the digest. */
function ifMissing(thrown: unknown): undefined {
  if (thrown instanceof SlipwayError && thrown.story.code === "IMAGE_NOT_FOUND") return undefined;
  throw thrown;
}
