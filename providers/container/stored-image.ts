import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { digestIn } from "../../core/image-reference.ts";
import { hostTag, type ImageIdentity, idOfStored, isStored, portOf } from "../../core/stored-image.ts";
import type { Host, Image } from "../../hosts/index.ts";

type Docker = Pick<Host["docker"], "images" | "image">;
/** What a Docker says of itself. */
type Info = Awaited<ReturnType<Host["docker"]["info"]>>;

/** The identities of images that come from the operator's store, by the digests in their names. */
export type Identities = Readonly<Record<string, ImageIdentity>> | undefined;

/** An image on a host, by its name; one from the operator's store under whatever name and port it came. */
export async function imageOn(docker: Docker, image: string): Promise<Image | undefined> {
  if (!isStored(image)) return docker.image(image);
  const id = idOfStored(image, await docker.images({}));
  return id === undefined ? undefined : docker.image(id);
}

/**
 * The image of a stored one's config, which a host may have from a registry. Docker's own layers know an image by its config; containerd's
 * store by its manifest, which is found by name.
 */
export async function twinOn(docker: Docker, image: string, known: Identities, { store }: Info): Promise<Image | undefined> {
  if (store !== "layers") return undefined;
  const configs = known?.[digestIn(image)]?.platforms.map(({ config }) => config) ?? [];
  const found = await Promise.all(configs.map((config) => docker.image(config)));
  return found.find((one) => one !== undefined);
}

/** What a container is created from: a stored image by its id, since no host may ever look for its name in a registry. */
export async function imageToRun(host: Pick<Host, "docker" | "name">, image: string): Promise<string> {
  if (!isStored(image)) return image;
  const found = await imageOn(host.docker, image);
  if (found === undefined) throw notThere(host, image);
  return found.id;
}

/** Gives an image that is there under other names the name by which it is found and removed one day. */
export const nameStored = (host: Host, id: string, image: string, stack: string): Promise<void> =>
  host.docker.tagImage(id, hostTag(image, portOf(stack, image)));

const notThere = ({ name }: Pick<Host, "name">, image: string): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: "the image, which came from this project's files, was removed from the host",
    host: name,
    evidence: [image],
    servesNow: NOTHING_TOUCHED,
    next: "run pulumi up again: the release sends it again from the file, or from Slipway's cache on the machine that released it",
  });
