import { SlipwayError } from "../../core/error.ts";
import { adoptText } from "../../core/owner.ts";
import type { Container } from "../../hosts/index.ts";
import { withDaemonLogging } from "../container/log-driver.ts";
import { isAlone } from "./alone.ts";
import { accessoryBody, LABEL, ownLabels } from "./container.ts";
import { volumesWithData } from "./data.ts";
import { refuseToBeginEmpty } from "./data-elsewhere.ts";
import { copyFiles } from "./files.ts";
import { findFolder, makeFolders, needsFolder } from "./folder.ts";
import type { ObservedAccessory } from "./found.ts";
import { pullPinned } from "./image.ts";
import { lostVolumes, mountsOf, volumesIn } from "./mounts.ts";
import { nextOf } from "./plan.ts";
import { servesNow } from "./serves-now.ts";
import { requireReadable } from "./version.ts";
import type { Work } from "./work.ts";

/**
 * Pulls the image and creates the candidate with its volumes, files and folders, without starting it. Whatever can be refused is
 * refused here, while the old container serves.
 */
export async function create(work: Work, found: ObservedAccessory): Promise<void> {
  const { inputs, host, learned } = work;
  const untouched = servesNow(work, "untouched");
  const { ref, digest, image } = await pullPinned(inputs, learned.digest, host, work.run, untouched);
  if (needsFolder(inputs) && learned.folder === "") learned.folder = await findFolder(inputs, host);
  const places = { folder: learned.folder, kept: work.state?.kept ?? {}, old: found.main?.mounts ?? [] };
  const mounts = mountsOf(inputs, image.volumes, places);
  // A volume that an attempt with another image made holds nothing.
  const lost = await volumesWithData(lostVolumes(mounts, found.main?.mounts, found.volumes), host);
  if (lost.length > 0) throw wouldBeEmpty(work, lost, untouched);
  const labels = { ...ownLabels(inputs), [LABEL.stack]: inputs.stack };
  const [foreign] = found.foreignVolumes.filter(({ name }) => mounts.some(({ source }) => source === name));
  if (foreign !== undefined) throw ofOtherStack(work, foreign, untouched);
  const there = new Set([...found.volumes, ...places.old.map(({ source }) => source)]);
  if (found.main === undefined)
    await refuseToBeginEmpty({ inputs, mounts, there, folder: learned.folder, untouched }, host, work.run);
  for (const volume of volumesIn(mounts)) if (!there.has(volume)) await host.docker.ensureVolume(volume, labels);
  if (learned.folder !== "") await makeFolders(learned.folder, mounts, host);
  const body = await withDaemonLogging(accessoryBody(inputs, ref, mounts), inputs.logging, () => host.docker.info());
  const { id } = await host.docker.create(nextOf(inputs), body);
  await copyFiles(inputs, id, host, untouched);
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
  if (container === undefined) throw new Error(`${nextOf(inputs)} was removed by another program`);
  return container;
}

const inspectOld = async ({ host }: Work, { main }: ObservedAccessory): Promise<Container | undefined> =>
  main && host.docker.inspect(main.id);

const ofOtherStack = (
  { inputs, host }: Work,
  { name, stack }: ObservedAccessory["foreignVolumes"][number],
  untouched: string,
): SlipwayError =>
  new SlipwayError({
    code: "ACCESSORY_DATA_AT_RISK",
    what: `the volume ${name}, where ${inputs.accessory} would have its data, belongs to the stack ${stack}`,
    host: host.name,
    servesNow: untouched,
    next: `choose a ${isAlone(inputs) ? "service" : "slipway:service"} other than ${inputs.service}; or, if this stack takes over what that one had: ${adoptText(stack)}`,
  });

/** A server that finds its data folder empty silently initializes a new one. */
const wouldBeEmpty = ({ inputs: { accessory, image }, host }: Work, lost: readonly string[], untouched: string): SlipwayError =>
  new SlipwayError({
    code: "ACCESSORY_DATA_AT_RISK",
    what: `${accessory} as declared would not see its data in ${lost.join(", ")} and would start without it`,
    host: host.name,
    evidence: [`${image} has no VOLUME where that data was, and nothing declares it`],
    servesNow: untouched,
    next: `mount it: slipway:accessories.${accessory}.volumes: ["${lost[0]}:<path in the container>"]; or, if it is not needed, on ${host.name}: docker volume rm ${lost.join(" ")}`,
  });
