import { SlipwayError } from "../../core/error.ts";
import { together } from "../../core/together.ts";
import type { Bytes, HostName } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import { bytesOf, type Parcel, sendImage } from "../container/send-image.ts";
import { nameStored } from "../container/stored-image.ts";
import type { Run } from "../pulumi/provider.ts";
import { isExplained } from "../steps/explained.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { authOf } from "./preflight.ts";
import { PullProgress } from "./pull-progress.ts";
import type { Ready } from "./ready.ts";

/** Brings the images to every host that lacks them, all at once. The credentials travel with the call and stay nowhere. */
export async function pullEverywhere(inputs: ReleaseInputs, ready: readonly Ready[], run: Run): Promise<void> {
  const pulls = ready.flatMap(({ host, lacking }) => lacking.map((image) => ({ host, image })));
  const parcels = ready.flatMap(({ host, parcels: own }) => own.map((parcel) => ({ host, parcel })));
  const wanted = ready.reduce((sum, { images }) => sum + images.length, 0);
  const progress = new PullProgress(wanted, wanted - pulls.length - parcels.length);
  const bring = [
    ...pulls.map(
      ({ host, image }) =>
        () =>
          pull(inputs, image, host, run, progress),
    ),
    ...parcels.map(
      ({ host, parcel }) =>
        () =>
          send(inputs, parcel, host, run, progress),
    ),
    ...ready.flatMap(({ host, twins }) =>
      twins.map(
        ({ id, image }) =>
          () =>
            nameStored(host, id, image, inputs.stack),
      ),
    ),
  ];
  await together(bring, (one) => one());
}

async function pull(inputs: ReleaseInputs, image: string, host: Host, { report }: Run, progress: PullProgress): Promise<void> {
  const key = `${host.name} ${image}`;
  const pulled = host.docker.pull(image, authOf(inputs), {
    progress: ({ current, total }) => report.status(progress.note(key, current, total)),
  });
  await pulled.catch((thrown: unknown) => {
    if (isExplained(thrown)) throw thrown;
    throw pullFailed(image, host.name, thrown);
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
  await sendImage(parcel, host, inputs.stack, run, note);
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
