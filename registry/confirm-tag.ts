import { Deadline } from "../core/deadline.ts";
import { messageOf, SlipwayError } from "../core/error.ts";
import { parseReference } from "../core/image-reference.ts";
import type { Registry } from "../core/registry.ts";
import type { UnconfirmedTag } from "../core/release/unconfirmed-tag.ts";
import type { Seconds } from "../core/words.ts";
import { resolveDigest } from "./digest.ts";
import { listedIn } from "./listed.ts";

/** The digest is known without the registry, so a run does not wait long for a registry that does not answer. */
const TIMEOUT: Seconds = 5;

/**
 * Asks the registry whether the tag of `shop:v3@sha256:…` is the image of that digest: releases are named after the tag, and run the
 * digest. The digest may be that of the tag's index or of one platform in it. One request where they agree. Never rejects.
 *
 * @returns undefined if they agree, or if the reference has only one of them
 */
export async function confirmTag(
  written: string,
  credentials: Registry | undefined,
  deadline = Deadline.in(TIMEOUT),
): Promise<UnconfirmedTag | undefined> {
  const { tag, digest } = parseReference(written);
  if (tag === undefined || digest === undefined) return undefined;
  const image = written.slice(0, -`@${digest}`.length);
  try {
    const now = await resolveDigest(image, credentials, deadline);
    if (now === digest || (await listedIn(image, credentials, deadline)).includes(digest)) return undefined;
    return { image, digest, now: { kind: "different", digest: now } };
  } catch (thrown) {
    const isMissing = thrown instanceof SlipwayError && thrown.story.code === "IMAGE_NOT_FOUND";
    return { image, digest, now: isMissing ? { kind: "missing" } : { kind: "unknown", because: reasonOf(thrown) } };
  }
}

const reasonOf = (thrown: unknown): string => (thrown instanceof SlipwayError ? thrown.story.what : messageOf(thrown));
