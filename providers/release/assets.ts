import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { ContainerFolder, ContainerSummary, Host } from "../../hosts/index.ts";
import { imageToRun } from "../container/stored-image.ts";
import { HELPER } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { OperationOf } from "./operation.ts";
import type { Work } from "./work.ts";

const COPY: Seconds = 120;

/** Where the helpers mount the assets of the two releases. */
const AT = { ours: "/ours", theirs: "/theirs" } as const;

/** Volumes of assets carry these labels, so that no volume of a user is taken for one. */
const labelsOf = ({ service, destination = "" }: ReleaseInputs) => ({ service, destination, "slipway.assets": "true" });

/** Docker would create the volume itself, without the labels by which it is found and removed one day. It fills it from the image. */
export const createVolume = ({ host, volume }: OperationOf<"create-volume">, work: Work): Promise<void> =>
  work.on(host).docker.ensureVolume(volume, labelsOf(work.inputs));

/** Docker refuses to remove a volume that a container still has. */
export async function removeVolume({ host, volume }: OperationOf<"remove-volume">, work: Work): Promise<void> {
  await work.on(host).docker.removeVolume(volume);
}

/**
 * Gives a candidate the assets of what serves, and what serves those of the candidate: a page of the one may ask the other for
 * its files while both answer. Where both have a file of the same name, each keeps its own. The files never leave the host.
 */
export async function shareAssets(operation: OperationOf<"share-assets">, work: Work): Promise<void> {
  const host = work.on(operation.host);
  const helpers: string[] = [];
  const add = async (from: ContainerFolder, to: ContainerFolder) => host.addMissing(from, to, Deadline.in(COPY));
  try {
    for (const name of ["from", "to"]) helpers.push(await createHelper(work, host, operation, `${operation.volume}-${name}`));
    const [from = "", to = ""] = helpers;
    // Docker locks a container for a copy out of it and for one into it: within one container, or two ways at once, both would wait for ever.
    await add({ container: from, path: AT.theirs }, { container: to, path: AT.ours });
    await add({ container: from, path: AT.ours }, { container: to, path: AT.theirs });
  } finally {
    for (const id of helpers) await host.docker.remove(id, { force: true, anonymousVolumes: true });
  }
}

/** A container that never starts: Docker copies into its volumes all the same. */
async function createHelper(work: Work, host: Host, operation: OperationOf<"share-assets">, name: string): Promise<string> {
  const { service, destination = "" } = work.inputs;
  const { id } = await host.docker.create(name, {
    Image: await imageToRun(host, imageOf(operation, work)),
    Cmd: ["never-started"],
    Labels: { service, destination, [HELPER]: "assets" },
    HostConfig: { Binds: [`${operation.volume}:${AT.ours}`, `${operation.with}:${AT.theirs}`] },
  });
  return id;
}

function imageOf({ host, container }: OperationOf<"share-assets">, { undo }: Work): string {
  const candidate = undo.started.find((one) => one.host.name === host && one.name === container);
  if (candidate === undefined) throw new TypeError(`${container} was not created on ${host}`);
  return candidate.place.image;
}

/** The volume of assets that a container mounts, if it has one. */
export function assetsOf({ service }: ReleaseInputs, { labels, volumes }: ContainerSummary): string | undefined {
  const end = `-assets-${labels["slipway.release"] ?? ""}`;
  return volumes.find((name) => name.startsWith(`${service}-`) && name.endsWith(end));
}

/** Volumes of assets that no container of the app mounts. Hosts of an app without assets are not asked. */
export async function findUnusedAssets(
  inputs: ReleaseInputs,
  own: readonly ContainerSummary[],
  { docker }: Host,
): Promise<string[]> {
  if (!Object.values(inputs.roles).some(({ assets }) => assets !== undefined)) return [];
  const used = new Set(own.flatMap(({ volumes }) => volumes));
  const volumes = (await docker.volumes(labelsOf(inputs))).map(({ name }) => name);
  return volumes.filter((name) => !used.has(name)).sort();
}
