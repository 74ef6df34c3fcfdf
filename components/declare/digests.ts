import type { Config, ImageSource } from "../../config/index.ts";
import { SlipwayError } from "../../core/error.ts";
import { digestIn } from "../../core/image-reference.ts";
import { isInNoRegistry, isLocalImage } from "../../core/local-image.ts";
import type { Registry } from "../../core/registry.ts";
import type { UnconfirmedTag } from "../../core/release/unconfirmed-tag.ts";
import { type ImageIdentity, isStored } from "../../core/stored-image.ts";
import type { VerifiedImage } from "../../core/trust.ts";
import { projectOf } from "../../project/place.ts";
import { confirmTag, ImageStore, identityOf, resolveDigest, verifyImage } from "../../registry/index.ts";
import { buildFacts } from "./build.ts";
import { nameOfJob } from "./built-images.ts";
import { readLocalImage } from "./local-image.ts";
import type { Digests, ImageDigest } from "./release.ts";

type Images = Pick<
  Config,
  "service" | "destination" | "version" | "image" | "builder" | "roles" | "canary" | "jobs" | "registry" | "verify"
>;

/**
 * The digests of the images' tags in this run. Known before the first resource, so that the preview can name the release, and so that
 * a missing image or a wrong login stops the run when only the registry has been contacted. The tag beside a digest is compared with it.
 * A signature that is asked for is verified here as well: before a host is contacted, and before anything is declared that could change one.
 * An image in a file or in the engine of this machine is brought into the project's store, from where the hosts get it.
 *
 * @param folder in the project: paths are relative to that of Pulumi.yaml
 */
export async function imageDigests(config: Images, folder: string = process.cwd()): Promise<Digests> {
  const look = new ImageLook(config, folder);
  const [app, canary, roles, jobs] = await Promise.all([
    config.image === "" ? NO_IMAGE : look.at(config, { key: "slipway:image" }),
    config.canary && look.at({ ...config.canary, builder: undefined }, { key: "slipway:canary.image" }),
    byName(config.roles, (own, name) => look.at(own, { key: `slipway:servers.${name}.image`, name })),
    byName(config.jobs, (own, name) =>
      look.at(own, { key: `slipway:jobs.${name}.image`, name: nameOfJob(name), isOfApp: false }),
    ),
  ]);
  const { stored, unconfirmed, verified } = look;
  return {
    ...app,
    canary: canary?.image,
    jobs,
    unconfirmed,
    ...(Object.keys(roles).length === 0 ? {} : { roles }),
    ...(config.verify === undefined ? {} : { verified: Object.fromEntries(verified) }),
    ...(stored.size === 0 ? {} : { stored: Object.fromEntries(stored) }),
  };
}

/** Of a stack of accessories alone. */
const NO_IMAGE: ImageDigest = { image: "" };

async function byName<Own, T>(
  all: readonly { readonly name: string; readonly own: Own | undefined }[],
  look: (own: Own, name: string) => Promise<T>,
): Promise<Record<string, T>> {
  const found = all.flatMap(({ name, own }) => (own === undefined ? [] : [look(own, name).then((one) => [name, one] as const)]));
  return Object.fromEntries(await Promise.all(found));
}

/** Where an image is written, for errors, and what runs it. */
interface Use {
  readonly key: string;
  /** Absent: the app. */
  readonly name?: string;
  /** Whether those who sign the app sign it. Default: true. */
  readonly isOfApp?: boolean;
}

/** Finds out what the images of a config are now, and what is known of them. */
class ImageLook {
  /** Those that are in this machine's store, by digest. */
  readonly stored = new Map<string, ImageIdentity>();
  readonly unconfirmed: UnconfirmedTag[] = [];
  /** Who has signed images of the app, by digest. */
  readonly verified = new Map<string, VerifiedImage>();
  readonly #config: Images;
  readonly #folder: string;

  constructor(config: Images, folder: string) {
    this.#config = config;
    this.#folder = folder;
  }

  async at({ image, builder, version }: Source, { key, name, isOfApp = true }: Use): Promise<ImageDigest> {
    const { registry, service, destination, version: ofApp, verify: trust } = this.#config;
    if (builder !== undefined) {
      const named = version ?? ofApp;
      return { build: await buildFacts({ builder, service, destination, name, version: named }, this.#folder) };
    }
    const [{ digest, identity }, tag] = await Promise.all([
      imageFor(image, registry, key, this.#folder),
      unconfirmedTag(image, registry),
    ]);
    if (identity !== undefined) this.stored.set(digest, identity);
    if (tag !== undefined) this.unconfirmed.push(tag);
    if (trust !== undefined && isOfApp) {
      const signed = await named(key, () => verifyImage(image, digest, trust, registry));
      this.verified.set(digest, signed);
    }
    return { image: digest };
  }
}

interface Source extends ImageSource {
  readonly version?: string | undefined;
}

/** A digest beside an image of this machine, or of one that was built, has no tag in a registry that could be another image. */
const unconfirmedTag = async (image: string, registry: Registry | undefined) =>
  isInNoRegistry(image) ? undefined : confirmTag(image, registry);

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

/** An error names the key where the image is written. */
async function named<T>(key: string, find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    throw new SlipwayError({ ...thrown.story, next: thrown.story.next.replaceAll("slipway:image", key) }, { cause: thrown });
  }
}
