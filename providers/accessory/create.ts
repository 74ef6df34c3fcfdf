import { SlipwayError } from "../../core/error.ts";
import type { Container } from "../../hosts/index.ts";
import { accessoryBody, LABEL, ownLabels } from "./container.ts";
import { furnish } from "./files.ts";
import { findFolder, makeFolders, needsFolder } from "./folder.ts";
import type { Reached } from "./found.ts";
import { bring } from "./image.ts";
import { lostVolumes, mountsOf, volumesIn } from "./mounts.ts";
import { nextOf } from "./plan.ts";
import { servesNow } from "./serves-now.ts";
import { requireReadable } from "./version.ts";
import type { Work } from "./work.ts";

/**
 * Pulls the image and makes the candidate: with its volumes, its files and its folders, all but started. What is refused is refused
 * here, while the old one serves.
 */
export async function create(work: Work, found: Reached): Promise<void> {
  const { inputs, host, learned } = work;
  const untouched = servesNow(work, "untouched");
  const { ref, digest, image } = await bring(inputs, learned.digest, host, work.run, untouched);
  if (needsFolder(inputs) && learned.folder === "") learned.folder = await findFolder(inputs, host);
  const homes = { folder: learned.folder, kept: work.state?.kept ?? {}, old: found.main?.mounts ?? [] };
  const mounts = mountsOf(inputs, image.volumes, homes);
  const lost = lostVolumes(mounts, found.main?.mounts, found.volumes);
  if (lost.length > 0) throw wouldBeEmpty(work, lost, untouched);
  const labels = { ...ownLabels(inputs), [LABEL.stack]: inputs.stack };
  const there = new Set([...found.volumes, ...homes.old.map(({ source }) => source)]);
  for (const volume of volumesIn(mounts)) if (!there.has(volume)) await host.docker.ensureVolume(volume, labels);
  if (learned.folder !== "") await makeFolders(learned.folder, mounts, host);
  const { id } = await host.docker.create(nextOf(inputs), accessoryBody(inputs, ref, mounts));
  await furnish(inputs, id, host, untouched);
  await requireReadable(
    inputs,
    { old: await inspectOld(work, found), candidate: await inspect(work, id) },
    host,
    work.run,
    untouched,
  );
  learned.digest = digest;
}

async function inspect({ host, inputs }: Work, id: string): Promise<Container> {
  const container = await host.docker.inspect(id);
  if (container === undefined) throw new Error(`${nextOf(inputs)} was removed by somebody`);
  return container;
}

const inspectOld = async ({ host }: Work, { main }: Reached): Promise<Container | undefined> =>
  main && host.docker.inspect(main.id);

/** A server that finds its data folder empty makes a new one, and says nothing. */
const wouldBeEmpty = ({ inputs: { accessory, image }, host }: Work, lost: readonly string[], untouched: string): SlipwayError =>
  new SlipwayError({
    what: `${accessory} as declared would not see its data in ${lost.join(", ")}, and begin without it`,
    host: host.name,
    evidence: [`${image} has no VOLUME where that data was, and nothing declares it`],
    servesNow: untouched,
    next: `mount it: slipway:accessories.${accessory}.volumes: ["${lost[0]}:<path in the container>"]; or, if nobody needs it, on ${host.name}: docker volume rm ${lost.join(" ")}`,
  });
