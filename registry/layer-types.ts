import { z } from "zod";
import { Deadline } from "../core/deadline.ts";
import { digestIn } from "../core/image-reference.ts";
import type { Registry } from "../core/registry.ts";
import { parseJson } from "../core/text.ts";
import type { Seconds } from "../core/words.ts";
import { openManifest } from "./digest.ts";
import { body } from "./repository.ts";

/** Including all retries. */
const TIMEOUT: Seconds = 15;

const Listed = z.object({ digest: z.string(), platform: z.object({ os: z.string(), architecture: z.string() }).optional() });
const Manifest = z.union([
  z.object({ manifests: z.array(Listed) }),
  z.object({ layers: z.array(z.object({ mediaType: z.string() })) }),
]);

/**
 * The media types of the layers that a host with this CPU would pull, from the registry: one request, and one more for an image that is
 * built for several platforms. Empty if there is no image for it.
 *
 * @param image by digest
 */
export async function resolveLayerTypes(
  image: string,
  arch: string,
  login: Registry | undefined,
  deadline = Deadline.in(TIMEOUT),
): Promise<string[]> {
  const { answer } = await openManifest(image, "GET", login, deadline);
  const manifest = Manifest.safeParse(parseJson(await body(answer, image))).data;
  if (manifest === undefined) return [];
  if ("layers" in manifest) return manifest.layers.map(({ mediaType }) => mediaType);
  const own = manifest.manifests.find(({ platform }) => platform?.os === "linux" && platform.architecture === arch)?.digest;
  // An index may list itself: what it lists is asked for once.
  if (own === undefined || own === digestIn(image)) return [];
  const one = await openManifest(image.replace(digestIn(image), own), "GET", login, deadline);
  const platform = Manifest.safeParse(parseJson(await body(one.answer, image))).data;
  return platform !== undefined && "layers" in platform ? platform.layers.map(({ mediaType }) => mediaType) : [];
}
