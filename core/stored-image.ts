import { createHash } from "node:crypto";
import { z } from "zod";
import { digestIn, parseReference, type Reference } from "./image-reference.ts";

/**
 * The registry in the name of an image that comes from the operator's own store. No registry can ever have this name (RFC 2606), so
 * that Docker, if it were asked to pull such an image by mistake, finds nothing.
 */
export const STORE = "slipway.invalid";

/** What a host calls the repositories that it gets from the operator: `127.0.0.1:23456/slipway/shop`. The port says nothing. */
const ON_HOST = /^127\.0\.0\.1:\d+\/slipway\//;
const TAG = /:sha256-(?<hex>[0-9a-f]{64})$/;

/** What the digest in the name of a stored image leads to. */
export const ImageIdentity = z.object({
  /** The digest that its builder printed: of its index if it has one, else of its manifest. */
  index: z.string(),
  /** One for each platform that it is built for. */
  platforms: z.array(
    z.object({ os: z.string(), arch: z.string(), variant: z.string().optional(), manifest: z.string(), config: z.string() }),
  ),
});
export type ImageIdentity = z.infer<typeof ImageIdentity>;

/** The digests of the configs of stored images: the ids that Docker's own layers give them, under whatever name they came. */
export const configsOf = (stored: Readonly<Record<string, ImageIdentity>> = {}): string[] =>
  Object.values(stored).flatMap(({ platforms }) => platforms.map(({ config }) => config));

/** Whether an image comes from the operator's store. @example isStored("slipway.invalid/shop@sha256:…") // true */
export const isStored = (image: string): boolean => image.startsWith(`${STORE}/`);

/**
 * The name of a service's image in the store, without digest. Repositories have small letters and no sign at the end of a name;
 * services may differ in just that.
 */
export function storedReference(service: string): Reference {
  const plain = service
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const own = createHash("sha256").update(service).digest("hex").slice(0, 8);
  const repository = plain === service ? plain : [plain, own].filter((part) => part !== "").join("-");
  return { registry: STORE, repository, tag: undefined, digest: undefined };
}

/** How a host calls a stored image that is pulled through a port. @example "127.0.0.1:23456/slipway/shop@sha256:…" */
export const hostReference = (image: string, port: number): string => `${hostRepository(image, port)}@${digestIn(image)}`;

/** The name that a stored image gets where it has no digest: one that was loaded, not pulled. */
export const hostTag = (image: string, port: number): string =>
  `${hostRepository(image, port)}:${digestIn(image).replace(":", "-")}`;

const hostRepository = (image: string, port: number): string => `127.0.0.1:${port}/slipway/${parseReference(image).repository}`;

/**
 * A name on a host as the stored image that it is; any other name is not changed. A tag of ours says the digest.
 *
 * @example storedName("127.0.0.1:23456/slipway/shop:sha256-9f31…") // "slipway.invalid/shop@sha256:9f31…"
 */
export function storedName(name: string): string {
  if (!ON_HOST.test(name)) return name;
  const own = name.replace(ON_HOST, `${STORE}/`);
  return own.replace(TAG, "@sha256:$<hex>");
}

/** An image on a host, as Docker lists it. */
interface Listed {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
}

/** The id of a stored image on a host, under whatever name it came: a digest means the same in every repository. */
export function idOfStored(image: string, images: readonly Listed[]): string | undefined {
  const end = `@${digestIn(image)}`;
  return images.find(({ tags, digests }) => [...tags, ...digests].some((name) => storedName(name).endsWith(end)))?.id;
}

/**
 * The port for which a host is asked, so that the images of a stack's app have the same name each time, and two apps do not ask for one at
 * the same moment. Below the ports that systems give away.
 */
export function portOf(stack: string, image: string): number {
  const seed = createHash("sha256")
    .update(`${stack} ${parseReference(image).repository}`)
    .digest();
  return 20_000 + (seed.readUInt32BE(0) % 12_000);
}

/** A name for people, without the registry that does not exist. @example plainName("slipway.invalid/shop@sha256:…") // "shop@sha256:…" */
export const plainName = (image: string): string => (isStored(image) ? image.slice(STORE.length + 1) : image);
