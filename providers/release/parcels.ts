import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { digestIn, plainName } from "../../core/stored-image.ts";
import type { Bytes } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { projectAround } from "../../project/place.ts";
import { ImageStore, type StoredImage } from "../../registry/index.ts";
import { knownLayers } from "../container/known-layers.ts";
import { bytesOf, type Parcel } from "../container/send-image.ts";
import type { Ready } from "./ready.ts";

/** What an image takes on a host's disk for each byte that is sent: layers are compressed about three times, a plain one is not at all. */
const UNPACKED = { zipped: 3.5, plain: 1 };

/** The project's store on this machine. */
export const ownStore = (): ImageStore => ImageStore.of(projectAround(process.cwd()) ?? process.cwd());

/** What of a stored image a host lacks. Refuses if it is not on this machine, or is not for the host's CPU. */
export async function parcelFor(image: string, host: Host, arch: string, { store: into }: Ready["info"]): Promise<Parcel> {
  const store = ownStore();
  const stored = await store.find(digestIn(image));
  if (stored === undefined) throw notHere(image, host);
  const platform = stored.platforms.find((one) => one.arch === arch);
  if (platform === undefined) throw otherCpu(image, host, arch, stored);
  const known = await knownLayers(host.docker, platform.diffIds);
  return { image, store, stored, platform, known, into };
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
    next: "run this on the machine that released it, or set slipway:image to a file that has this image",
  });

const otherCpu = (image: string, host: Host, arch: string, { platforms }: StoredImage): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_WRONG_PLATFORM",
    what: `the image is built for ${platforms.map((one) => `${one.os}/${one.arch}`).join(", ")}; this host is linux/${arch}`,
    host: host.name,
    evidence: [plainName(image)],
    servesNow: NOTHING_TOUCHED,
    next: `build it for linux/${arch} (docker buildx build --platform linux/${arch}) into its file, then run pulumi up again`,
  });
