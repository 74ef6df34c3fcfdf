import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import type { Candidate } from "./candidate.ts";
import { assetVolume } from "./container.ts";
import { hostOf, together } from "./crew.ts";
import { HELPER } from "./fleet.ts";
import type { Place, ReleaseInputs } from "./inputs.ts";
import { only, type Plan } from "./plan.ts";
import type { Work } from "./work.ts";

const COPY: Seconds = 120;

/** Where the helper sees the assets of the two releases, and what each had of its own. */
const AT = { ours: "/ours", theirs: "/theirs", keptOurs: "/kept-ours", keptTheirs: "/kept-theirs" } as const;

/** Volumes of assets carry these labels, so that nobody takes a user's volume for one. */
const labelsOf = ({ service, destination = "" }: ReleaseInputs) => ({ service, destination, "slipway.assets": "true" });

/** The volume that a container will read its assets from. Docker fills it from the image when the container is created. */
export async function prepareAssets({ inputs, held }: Work, place: Place, { docker, name }: Host): Promise<void> {
  if (place.spec.assets === undefined) return;
  held(name);
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
  const { service, destination = "" } = work.inputs;
  work.held(host.name);
  const { id } = await host.docker.create(`${volumes.ours}-bridge`, {
    Image: place.image,
    Cmd: ["never-started"],
    Labels: { service, destination, [HELPER]: "assets" },
    HostConfig: {
      Binds: [`${volumes.ours}:${AT.ours}`, `${volumes.theirs}:${AT.theirs}`],
    },
    Volumes: { [AT.keptOurs]: {}, [AT.keptTheirs]: {} },
  });
  const copy = (from: string, to: string) =>
    host.copy({ container: id, path: from }, { container: id, path: to }, Deadline.in(COPY));
  try {
    await Promise.all([copy(AT.ours, AT.keptOurs), copy(AT.theirs, AT.keptTheirs)]);
    await Promise.all([copy(AT.keptTheirs, AT.ours), copy(AT.keptOurs, AT.theirs)]);
    await Promise.all([copy(AT.keptOurs, AT.ours), copy(AT.keptTheirs, AT.theirs)]);
  } finally {
    await host.docker.remove(id, { force: true, anonymousVolumes: true });
  }
}

/** Volumes of assets whose containers are gone. Docker refuses to remove one that any container still has. */
export const removeAssetsOfNobody = (work: Work, plan: Plan): Promise<unknown> =>
  together([...new Set(only(plan, "remove").map(({ host }) => host))], async (name) => {
    const { docker } = hostOf(work.crew, name);
    for (const volume of await docker.volumes(labelsOf(work.inputs))) {
      work.held(name);
      await docker.removeVolume(volume.name);
    }
  });
