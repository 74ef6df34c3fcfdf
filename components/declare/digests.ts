import type { Config } from "../../config/index.ts";
import { SlipwayError } from "../../core/error.ts";
import { digestIn } from "../../core/image-reference.ts";
import { isLocalImage } from "../../core/local-image.ts";
import type { Registry } from "../../core/registry.ts";
import { type ImageIdentity, isStored } from "../../core/stored-image.ts";
import type { VerifiedImage } from "../../core/trust.ts";
import { projectOf } from "../../project/place.ts";
import { confirmTag, ImageStore, identityOf, resolveDigest, verifyImage } from "../../registry/index.ts";
import { buildFacts } from "./build.ts";
import { readLocalImage } from "./local-image.ts";
import type { Digests } from "./release.ts";

/**
 * The digests of the images' tags in this run. Known before the first resource, so that the preview can name the release, and so that
 * a missing image or a wrong login stops the run when only the registry has been contacted. The tag beside a digest is compared with it.
 * A signature that is asked for is verified here as well: before a host is contacted, and before anything is declared that could change one.
 * An image in a file or in the engine of this machine is brought into the project's store, from where the hosts get it.
 *
 * @param folder in the project: paths are relative to that of Pulumi.yaml
 */
export async function imageDigests(
  config: Pick<Config, "service" | "destination" | "version" | "image" | "builder" | "canary" | "jobs" | "registry" | "verify">,
  folder: string = process.cwd(),
): Promise<Digests> {
  const { image, builder, canary, registry } = config;
  const isBuilt = builder !== undefined;
  const [build, own, tried, jobs, ...unconfirmed] = await Promise.all([
    buildFacts(config, folder),
    isBuilt ? undefined : imageFor(image, registry, "slipway:image", folder),
    canary === undefined ? undefined : imageFor(canary.image, registry, "slipway:canary.image", folder),
    digestsOfJobs(config),
    isBuilt ? undefined : unconfirmedTag(image, registry),
    canary === undefined ? undefined : unconfirmedTag(canary.image, registry),
  ]);
  const verified = await verify(config, { own: own?.digest, tried: tried?.digest });
  const known = [own, tried].flatMap((found) => (found?.identity === undefined ? [] : [[found.digest, found.identity] as const]));
  return {
    image: own?.digest,
    build,
    canary: tried?.digest,
    jobs,
    unconfirmed: unconfirmed.filter((tag) => tag !== undefined),
    ...(verified === undefined ? {} : { verified }),
    ...(known.length === 0 ? {} : { stored: Object.fromEntries(known) }),
  };
}

/** Who has signed the images of the app, by digest; `undefined`: nobody has to. */
async function verify(
  { image, canary, registry, verify: trust }: Pick<Config, "image" | "canary" | "registry" | "verify">,
  digests: { readonly own: string | undefined; readonly tried: string | undefined },
): Promise<Readonly<Record<string, VerifiedImage>> | undefined> {
  if (trust === undefined) return undefined;
  const images = [
    { written: image, digest: digests.own, key: "slipway:image" },
    { written: canary?.image, digest: digests.tried, key: "slipway:canary.image" },
  ];
  const found = images.map(async ({ written, digest, key }) =>
    written === undefined || digest === undefined
      ? []
      : [[digest, await named(key, () => verifyImage(written, digest, trust, registry))] as const],
  );
  return Object.fromEntries((await Promise.all(found)).flat());
}

/** A digest beside an image of this machine, or of one that was built, has no tag in a registry that could be another image. */
const unconfirmedTag = async (image: string, registry: Registry | undefined) =>
  isLocalImage(image) || isStored(image) ? undefined : confirmTag(image, registry);

interface Known {
  readonly digest: string;
  readonly identity?: ImageIdentity;
}

/** @param key where the image is written, for the error */
async function imageFor(image: string, registry: Registry | undefined, key: string, folder: string): Promise<Known> {
  if (isStored(image)) return storedImage(digestIn(image), folder);
  if (!isLocalImage(image)) return { digest: await named(key, () => resolveDigest(image, registry)) };
  const { digest, stored } = await named(key, () => readLocalImage(image, projectOf(folder)));
  return { digest, ...(stored === undefined ? {} : { identity: identityOf(stored) }) };
}

/** An image that was built earlier, here or elsewhere: the hosts mostly have it. */
async function storedImage(digest: string, folder: string): Promise<Known> {
  const stored = await ImageStore.of(projectOf(folder)).find(digest);
  return { digest, ...(stored === undefined ? {} : { identity: identityOf(stored) }) };
}

async function digestsOfJobs({ jobs, registry }: Pick<Config, "jobs" | "registry">): Promise<Record<string, string>> {
  const own = jobs.flatMap(({ name, image }) => (image === undefined ? [] : [{ name, image }]));
  const found = own.map(
    async ({ name, image }) => [name, await named(`slipway:jobs.${name}.image`, () => resolveDigest(image, registry))] as const,
  );
  return Object.fromEntries(await Promise.all(found));
}

/** An error names the key where the image is written. */
async function named<T>(key: string, find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    throw new SlipwayError({ ...thrown.story, next: thrown.story.next.replaceAll("slipway:image", key) }, { cause: thrown });
  }
}
