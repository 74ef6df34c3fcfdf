import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { digestIn } from "../../core/image-reference.ts";
import { imagesOf, type ReleasedImages } from "../../core/release/named-image.ts";
import { isStored, plainName } from "../../core/stored-image.ts";
import type { Bytes } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import type { StoredImage } from "../../registry/index.ts";
import { knownLayers } from "../container/known-layers.ts";
import { ownStore } from "../container/own-store.ts";
import { bytesOf, type Parcel } from "../container/send-image.ts";
import { requireReadable } from "./readable-layers.ts";
import type { Ready } from "./ready.ts";

/** What a layer takes on a host's disk for each byte that is sent, if it is compressed well, and if it is not compressed. */
const UNPACKED = { zipped: 3.5, plain: 1 };

/** What of a stored image a host lacks. Refuses if it is not on this machine, or is not for the host's CPU. */
export async function parcelFor(
  image: string,
  host: Host,
  { engine, arch }: { readonly engine: string; readonly arch: string },
  { store: into }: Ready["info"],
): Promise<Parcel> {
  const store = ownStore();
  const stored = await store.find(digestIn(image));
  if (stored === undefined) throw notHere(image, host);
  const platform = stored.platforms.find((one) => one.arch === arch);
  if (platform === undefined) throw otherCpu(image, host, arch, stored);
  const mediaTypes = platform.layers.map(({ mediaType }) => mediaType);
  requireReadable(image, mediaTypes, host, { engine, arch }, { store: into });
  const known = await knownLayers(host.docker, platform.diffIds);
  return { image, store, stored, platform, known, into };
}

/** Notes in the store that a stack can go back to these releases: their images go last. */
export async function keepStored(releases: readonly ReleasedImages[]): Promise<void> {
  const stored = releases.flatMap(imagesOf).filter(({ image }) => isStored(image));
  if (stored.length === 0) return;
  const store = ownStore();
  // In their order, so that of these the oldest goes first.
  for (const { image } of stored) await store.use(digestIn(image));
}

/** The disk that images take until they run: the layers as they are unpacked, and in containerd's store the blobs beside them. */
export const diskFor = (parcels: readonly Parcel[]): Bytes =>
  parcels.reduce((sum, parcel) => {
    const { platform, known, into } = parcel;
    const unpacked = platform.layers
      .slice(known)
      .reduce((bytes, { size, mediaType }) => bytes + size * (mediaType.endsWith(".tar") ? UNPACKED.plain : UNPACKED.zipped), 0);
    return sum + unpacked + (into === "containerd" ? bytesOf(parcel) : 0);
  }, 0);

const notHere = (image: string, host: Host): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: "the image is not on this host, and not in Slipway's cache on this machine",
    host: host.name,
    evidence: [plainName(image)],
    servesNow: NOTHING_TOUCHED,
    next: "run this on the machine that released it, or name an image that can be had: a file that has it, or slipway:builder without slipway:image",
  });

const otherCpu = (image: string, host: Host, arch: string, { platforms }: StoredImage): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_WRONG_PLATFORM",
    what: `the image is built for ${platforms.map((one) => `${one.os}/${one.arch}`).join(", ")}; this host is linux/${arch}`,
    host: host.name,
    evidence: [plainName(image)],
    servesNow: NOTHING_TOUCHED,
    next: `build it for linux/${arch} (docker buildx build --platform linux/${arch}), then run pulumi up again`,
  });
