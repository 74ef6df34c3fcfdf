import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { sizeText } from "../../core/size.ts";
import type { Bytes } from "../../core/words.ts";
import type { Disk, Host } from "../../hosts/index.ts";

/** Below this, a pull is likely to fill the disk and take the app down with it. */
export const SPARE_DISK: Bytes = 256 * 1024 * 1024;

/**
 * Throws if an image is not to be pulled, because the disk of Docker's data is nearly full, or would be.
 *
 * @param needed what the image takes, as far as it is known
 */
export async function requireSpace(host: Host, asked: Promise<Disk | undefined>, needed: Bytes = 0): Promise<void> {
  const disk = await asked;
  if (disk !== undefined && disk.free < SPARE_DISK + needed) throw diskFull(host, disk, needed);
}

const diskFull = (host: Host, { path, free }: Disk, needed: Bytes): SlipwayError =>
  new SlipwayError({
    code: "DISK_FULL",
    what: `only ${Math.round(free / 1024 / 1024)} MB are free for the image in ${path}`,
    host: host.name,
    evidence: [
      ...(needed === 0 ? [] : [`it takes about ${sizeText(needed)} there, and ${sizeText(SPARE_DISK)} are to stay free`]),
      "every image of this app there is in use: those of refused releases are removed before a pull",
    ],
    servesNow: NOTHING_TOUCHED,
    next: `free some disk on ${host.name} (docker system df shows what can go), then run pulumi up again`,
  });
