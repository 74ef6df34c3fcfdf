import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { ContainerFolder, ContainerSummary, Host } from "../../hosts/index.ts";
import type { Candidate } from "./candidate.ts";
import { assetVolume } from "./container.ts";
import { hostOf, together } from "./crew.ts";
import { HELPER } from "./fleet.ts";
import type { Place, ReleaseInputs } from "./inputs.ts";
import { only, type Plan } from "./plan.ts";
import type { Work } from "./work.ts";

const COPY: Seconds = 120;

/** Where the helpers see the assets of the two releases. */
const AT = { ours: "/ours", theirs: "/theirs" } as const;

/** Volumes of assets carry these labels, so that nobody takes a user's volume for one. */
const labelsOf = ({ service, destination = "" }: ReleaseInputs) => ({ service, destination, "slipway.assets": "true" });

/** The volume that a container will read its assets from. Docker fills it from the image when the container is created. */
export async function prepareAssets({ inputs }: Work, place: Place, { docker }: Host): Promise<void> {
  if (place.spec.assets === undefined) return;
  await docker.ensureVolume(assetVolume(inputs, place), labelsOf(inputs));
}

/**
 * Gives a candidate the assets of what serves, and what serves those of the candidate: a page of the one may ask the other for
 * its files while both answer. Where both have a file of the same name, each keeps its own. The files never leave the host.
 */
export async function bridgeAssets(work: Work, { place, host }: Candidate): Promise<void> {
  if (place.spec.assets === undefined || place.replica > 1) return;
  const ours = assetVolume(work.inputs, place);
  const theirs = await servingVolumes(work, host, place);
  for (const volume of theirs.filter((other) => other !== ours)) await bridge(work, host, place, { ours, theirs: volume });
}

/** The volumes of assets that the running containers of this role read. */
async function servingVolumes({ inputs }: Work, { docker }: Host, place: Place): Promise<string[]> {
  const { service, destination = "" } = inputs;
  const [containers, volumes] = await Promise.all([
    docker.containers({ service, role: place.role, destination }),
    docker.volumes(labelsOf(inputs)),
  ]);
  const running = containers.filter(({ state }) => state === "running").map(({ labels }) => labels["slipway.release"] ?? "");
  const read = new Set(running.map((release) => assetVolume(inputs, { ...place, release })));
  return volumes.map(({ name }) => name).filter((name) => read.has(name));
}

async function bridge(work: Work, host: Host, place: Place, volumes: { ours: string; theirs: string }): Promise<void> {
  const helpers: string[] = [];
  const add = async (from: ContainerFolder, to: ContainerFolder) => host.addMissing(from, to, Deadline.in(COPY));
  try {
    for (const name of ["from", "to"]) helpers.push(await makeHelper(work, host, place, `${volumes.ours}-${name}`, volumes));
    const [from = "", to = ""] = helpers;
    // Docker locks a container for a copy out of it and for one into it: within one container, or two ways at once, both would wait for ever.
    await add({ container: from, path: AT.theirs }, { container: to, path: AT.ours });
    await add({ container: from, path: AT.ours }, { container: to, path: AT.theirs });
  } finally {
    for (const id of helpers) await host.docker.remove(id, { force: true, anonymousVolumes: true });
  }
}

/** A container that never starts: Docker copies into its volumes all the same. */
async function makeHelper(
  { inputs }: Work,
  host: Host,
  place: Place,
  name: string,
  { ours, theirs }: { ours: string; theirs: string },
): Promise<string> {
  const { service, destination = "" } = inputs;
  const { id } = await host.docker.create(name, {
    Image: place.image,
    Cmd: ["never-started"],
    Labels: { service, destination, [HELPER]: "assets" },
    HostConfig: { Binds: [`${ours}:${AT.ours}`, `${theirs}:${AT.theirs}`] },
  });
  return id;
}

/**
 * Volumes of assets that no container of the app reads. A role that has no assets any more leaves its last ones to the release that
 * removes its containers: hosts without assets are not asked.
 */
export async function findAssetsOfNobody(
  inputs: ReleaseInputs,
  own: readonly ContainerSummary[],
  { docker }: Host,
): Promise<string[]> {
  if (!Object.values(inputs.roles).some(({ assets }) => assets !== undefined)) return [];
  const read = new Set(
    own.map(({ labels }) => assetVolume(inputs, { role: labels.role ?? "", release: labels["slipway.release"] ?? "" })),
  );
  const volumes = (await docker.volumes(labelsOf(inputs))).map(({ name }) => name);
  return volumes.filter((name) => !read.has(name)).sort();
}

/** On the hosts that lose containers, or had lost them: Docker refuses to remove a volume that any container still has. */
export const removeAssetsOfNobody = (work: Work, plan: Plan): Promise<unknown> =>
  together([...new Set([...only(plan, "remove"), ...only(plan, "discard")].map(({ host }) => host))], async (name) => {
    const { docker } = hostOf(work.crew, name);
    for (const volume of await docker.volumes(labelsOf(work.inputs))) {
      await docker.removeVolume(volume.name);
    }
  });
