import { z } from "zod";
import { Deadline } from "../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import { parseJson } from "../core/json.ts";
import type { Seconds } from "../core/words.ts";
import { body, type Credentials, type Opened, openManifest } from "./digest.ts";

/** What an image is built for, in Docker's words: `linux`, `arm64`. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

/** How long a registry may take to say so, all retries in. */
const PATIENCE: Seconds = 15;

const Built = z
  .object({ os: z.string(), architecture: z.string() })
  .transform(({ os, architecture }) => ({ os, arch: architecture }));
/** Either the list of images for several platforms, or the one image with its config. */
const Manifest = z.union([
  z.object({ manifests: z.array(z.object({ platform: Built.optional() })) }),
  z.object({ config: z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }) }),
]);

/**
 * What the image in the registry is built for, asked from here: one request for the manifest, and one more for an image that is
 * built for a single platform. Empty where the image does not say.
 */
export async function resolvePlatforms(
  image: string,
  credentials: Credentials | undefined,
  deadline = Deadline.in(PATIENCE),
): Promise<Platform[]> {
  const { answer, ask } = await openManifest(image, "GET", credentials, deadline);
  const manifest = parsed(Manifest, await body(answer, image), image);
  const platforms = "manifests" in manifest ? listed(manifest) : [await builtFor(manifest.config.digest, ask, image)];
  // Attestations stand in the list as images for no platform.
  return platforms.filter(({ os, arch }) => ![os, arch].some((word) => word === "unknown" || word === ""));
}

const listed = ({ manifests }: { manifests: readonly { platform?: Platform | undefined }[] }): Platform[] =>
  manifests.flatMap(({ platform }) => platform ?? []);

async function builtFor(config: string, ask: Opened["ask"], image: string): Promise<Platform> {
  const answer = await ask(`blobs/${config}`, "GET");
  if (!answer.ok) throw unreadable(image, `the registry answered ${answer.status} for the image's config`);
  return parsed(Built, await body(answer, image), image);
}

function parsed<T>(schema: z.ZodType<T>, text: string, image: string): T {
  const read = schema.safeParse(parseJson(text));
  if (!read.success) throw unreadable(image, "the registry's answer is not a manifest that we know");
  return read.data;
}

const unreadable = (image: string, evidence: string): SlipwayError =>
  new SlipwayError({
    what: `what ${image} is built for could not be read`,
    evidence: [evidence],
    servesNow: NOTHING_TOUCHED,
    next: `try again, or look yourself: docker manifest inspect ${image}`,
  });
