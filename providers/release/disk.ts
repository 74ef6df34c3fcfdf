import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { sizeText } from "../../core/size.ts";
import type { Bytes } from "../../core/words.ts";
import type { Disk, Host, Spare } from "../../hosts/index.ts";

/** Below this, a pull is likely to fill the disk and take the app down with it. */
export const SPARE_DISK: Bytes = 256 * 1024 * 1024;

/**
 * Throws if an image is not to be pulled, because the disk of Docker's data is nearly full, or would be.
 *
 * @param needed what the image takes, as far as it is known
 */
export async function requireSpace(host: Host, asked: Promise<Disk | undefined>, needed: Bytes = 0): Promise<void> {
  const disk = await asked;
  if (disk === undefined || disk.free >= SPARE_DISK + needed) return;
  const what = `only ${Math.round(disk.free / 1024 / 1024)} MB are free for the image in ${disk.path}`;
  throw await diskFull(host, { what, evidence: [], needed });
}

/** The failure of a pull as it is, or, if that was because the disk became full, with what is needed. */
export async function withSpace(host: Host, thrown: unknown, needed: Bytes): Promise<unknown> {
  const said = messageOf(thrown);
  if (!NO_SPACE.test(said)) return thrown;
  const evidence = said.split("\n").filter((line) => NO_SPACE.test(line));
  return diskFull(host, { what: "the disk became full while the image was pulled", evidence, needed }, { cause: thrown });
}

const NO_SPACE = /no space left on device|disk quota exceeded/i;

interface Lack {
  readonly what: string;
  readonly evidence: readonly string[];
  readonly needed: Bytes;
}

async function diskFull(host: Host, { what, evidence, needed }: Lack, options?: ErrorOptions): Promise<SlipwayError> {
  const spare = await host.docker.spareDisk().catch(() => undefined);
  return new SlipwayError(
    {
      code: "DISK_FULL",
      what,
      host: host.name,
      evidence: [
        ...evidence.map((line) => line.replace(/^\s*\|\s*/, "")),
        ...(needed === 0 ? [] : [`it takes about ${sizeText(needed)} there, and ${sizeText(SPARE_DISK)} are to stay free`]),
        ...(spare === undefined ? [] : [spareText(spare)]),
        "every image of this app there is in use: those of refused releases are removed before a pull",
      ],
      servesNow: NOTHING_TOUCHED,
      next: `free some disk on ${host.name} (docker system df shows what can go), then run pulumi up again`,
    },
    options,
  );
}

function spareText({ images, buildCache }: Spare): string {
  const parts = [
    ...(images === 0 ? [] : [`${sizeText(images)} of images that no container uses (docker image prune --all)`]),
    ...(buildCache === 0 ? [] : [`${sizeText(buildCache)} of build cache (docker builder prune)`]),
  ];
  return parts.length === 0 ? "Docker itself has nothing there that could be freed" : `could be freed: ${parts.join(", ")}`;
}
