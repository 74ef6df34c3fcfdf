import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Bytes } from "../../core/words.ts";
import type { Disk, Host } from "../../hosts/index.ts";

/** Below this, a pull is likely to fill the disk and take the app down with it. */
export const SPARE_DISK: Bytes = 256 * 1024 * 1024;

/** Throws if an image is not to be pulled, because the disk of Docker's data is nearly full. */
export async function requireSpace(host: Host, asked: Promise<Disk | undefined>): Promise<void> {
  const disk = await asked;
  if (disk !== undefined && disk.free < SPARE_DISK) throw diskFull(host, disk);
}

const diskFull = (host: Host, { path, free }: Disk): SlipwayError =>
  new SlipwayError({
    code: "DISK_FULL",
    what: `only ${Math.round(free / 1024 / 1024)} MB are free for the image in ${path}`,
    host: host.name,
    evidence: ["every image of this app there is in use: those of refused releases are removed before a pull"],
    servesNow: NOTHING_TOUCHED,
    next: `free some disk on ${host.name} (docker system df shows what can go), then run pulumi up again`,
  });
