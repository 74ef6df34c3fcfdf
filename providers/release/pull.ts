import { SlipwayError } from "../../core/error.ts";
import { together } from "../../core/together.ts";
import type { Bytes, HostName } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { withStop } from "../container/docker-gone.ts";
import { bytesOf, type Parcel, sendImage } from "../container/send-image.ts";
import { nameStored } from "../container/stored-image.ts";
import type { Run } from "../pulumi/provider.ts";
import { isExplained } from "../steps/explained.ts";
import { withSpace } from "./disk.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { diskFor } from "./parcels.ts";
import { authOf } from "./preflight.ts";
import { PullProgress } from "./pull-progress.ts";
import type { Ready } from "./ready.ts";

/** Brings the images to every host that lacks them, all at once. The credentials travel with the call and stay nowhere. */
export async function pullEverywhere(inputs: ReleaseInputs, ready: readonly Ready[], run: Run): Promise<void> {
  const wanted = ready.reduce((sum, { images }) => sum + images.length, 0);
  const missing = ready.reduce((sum, { lacking, parcels }) => sum + lacking.length + parcels.length, 0);
  const progress = new PullProgress(wanted, wanted - missing);
  await together(ready, async ({ host, lacking, parcels, twins }) => {
    await together(lacking, (image) => pull(inputs, image, host, run, progress));
    // One after the other: images of one app have layers in common, which travel once.
    for (const parcel of parcels) await send(inputs, parcel, host, run, progress);
    for (const { id, image } of twins) await nameStored(host, id, image, inputs.stack);
  });
}

async function pull(inputs: ReleaseInputs, image: string, host: Host, { report }: Run, progress: PullProgress): Promise<void> {
  const key = `${host.name} ${image}`;
  const pulled = host.docker.pull(image, authOf(inputs), {
    progress: ({ current, total }) => report.status(progress.note(key, current, total)),
    waiting: (wait) => report.status(`${host.name}: the registry is busy, and is asked again in ${Math.ceil(wait / 1000)} s`),
  });
  await pulled.catch(async (failed: unknown) => {
    const thrown = withStop(host.name, failed);
    if (isExplained(thrown)) throw thrown;
    throw await withSpace(host, pullFailed(image, host.name, thrown), 0);
  });
  report.status(progress.done(key));
}

/** What is compressed on its way counts as it is in the image. */
async function send(inputs: ReleaseInputs, parcel: Parcel, host: Host, run: Run, progress: PullProgress): Promise<void> {
  const key = `${host.name} ${parcel.image}`;
  const total = bytesOf(parcel);
  let current = 0;
  const note = (bytes: Bytes) => {
    current += bytes;
    run.report.status(progress.note(key, current, Math.max(current, total)));
  };
  note(0);
  await sendImage(parcel, host, inputs.stack, run, note).catch(async (thrown: unknown) => {
    throw await withSpace(host, thrown, diskFor([parcel]));
  });
  run.report.status(progress.done(key));
}

const pullFailed = (image: string, host: HostName, thrown: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "PULL_FAILED",
      what: `the image could not be pulled`,
      host,
      evidence: [image, thrown instanceof Error ? thrown.message : String(thrown)],
      servesNow: "what served before; nothing was switched",
      next: "check the registry, its login and the disk of that host, then run pulumi up again",
    },
    { cause: thrown },
  );
