import { z } from "zod";
import { Deadline } from "../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import type { Registry } from "../core/registry.ts";
import { parseJson } from "../core/text.ts";
import type { Seconds } from "../core/words.ts";
import { openManifest } from "./digest.ts";
import { body, type Repository } from "./repository.ts";

/** A platform that an image is built for, in Docker's terms: `linux`, `arm64`. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

/** Including all retries. */
const TIMEOUT: Seconds = 15;

const Built = z
  .object({ os: z.string(), architecture: z.string() })
  .transform(({ os, architecture }) => ({ os, arch: architecture }));
/** Either a list of images for several platforms, or one image with its config. */
const Manifest = z.union([
  z.object({ manifests: z.array(z.object({ platform: Built.optional() })) }),
  z.object({ config: z.object({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }) }),
]);

/**
 * The platforms of an image, from its registry: one request for the manifest, and one more for an image that is built for a
 * single platform. Empty if the image does not declare one.
 */
export async function resolvePlatforms(
  image: string,
  credentials: Registry | undefined,
  deadline = Deadline.in(TIMEOUT),
): Promise<Platform[]> {
  const { answer, repository } = await openManifest(image, "GET", credentials, deadline);
  const manifest = parsed(Manifest, await body(answer, image), image);
  const platforms = "manifests" in manifest ? listed(manifest) : [await builtFor(manifest.config.digest, repository, image)];
  // Attestations are listed as images for an unknown platform.
  return platforms.filter(({ os, arch }) => ![os, arch].some((word) => word === "unknown" || word === ""));
}

const listed = ({ manifests }: { manifests: readonly { platform?: Platform | undefined }[] }): Platform[] =>
  manifests.flatMap(({ platform }) => platform ?? []);

async function builtFor(config: string, repository: Repository, image: string): Promise<Platform> {
  const answer = await repository.ask(`blobs/${config}`);
  if (!answer.ok) throw unreadable(image, `the registry answered ${answer.status} for the image's config`);
  return parsed(Built, await body(answer, image), image);
}

function parsed<T>(schema: z.ZodType<T>, text: string, image: string): T {
  const read = schema.safeParse(parseJson(text));
  if (!read.success) throw unreadable(image, "the registry's answer is not a known manifest");
  return read.data;
}

const unreadable = (image: string, evidence: string): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_UNREADABLE",
    what: `could not read the platforms of ${image}`,
    evidence: [evidence],
    servesNow: NOTHING_TOUCHED,
    next: `try again, or inspect it: docker manifest inspect ${image}`,
  });
