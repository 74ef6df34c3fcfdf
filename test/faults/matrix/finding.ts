import { request } from "node:http";
import type Dockerode from "dockerode";
import { z } from "zod";
import { parseJson } from "../../../core/text.ts";
import type { LabHost } from "../../../lab/host.ts";
import { type Release, type Slot, slotsOf } from "./wanted.ts";

const PROXY = "kamal-proxy";
const STATE_FILE = "/var/lib/docker/volumes/kamal-proxy-config/_data/kamal-proxy.state";
const APP_PORT = 3000;
/** On the container of a release command: the release that it ran for. */
const COMMAND = "slipway.command";
/** One proxy with two targets would answer with both. */
const ASKED = 5;

const Routes = z.array(
  z.looseObject({
    name: z.string(),
    active_targets: z.array(z.string()).nullish(),
    rollout_targets: z.array(z.string()).nullish(),
    pause_controller: z.looseObject({ state: z.number() }).nullish(),
  }),
);

const isRunning = ({ State }: Dockerode.ContainerInfo): boolean => State === "running";
const releaseOf = ({ Labels }: Dockerode.ContainerInfo): string => Labels["slipway.release"] ?? "";
const nameOf = ({ Names }: Dockerode.ContainerInfo): string => (Names[0] ?? "").slice(1);

/** After a full disk Docker's list is out of date; what it says of the container itself is not. */
async function appContainers({ docker }: LabHost, service: string): Promise<Dockerode.ContainerInfo[]> {
  const listed = await docker.listContainers({ all: true, filters: { label: [`service=${service}`] } });
  return Promise.all(listed.map(async (one) => ({ ...one, State: (await docker.getContainer(one.Id).inspect()).State.Status })));
}

/** Releases of which there are containers that do not run. */
export async function retiredOn(host: LabHost, service: string): Promise<string[]> {
  const containers = (await appContainers(host, service)).filter((one) => one.Labels.role !== undefined && !isRunning(one));
  return [...new Set(containers.map(releaseOf))];
}

/** Exactly what is wanted runs, as it is wanted, and what does not run is what was replaced. */
export async function containerProblems(host: LabHost, release: Release): Promise<string[]> {
  const containers = await appContainers(host, release.wanted.service);
  const slots = slotsOf(release, host.name);
  const ofSlots = slots.map((slot) => slotProblems(host, release, slot, containers));
  const roles = new Set(slots.map(({ role }) => role));
  const commands = containers.filter(({ Labels }) => Labels[COMMAND] !== undefined);
  const strangers = containers.filter((one) => !commands.includes(one) && !roles.has(one.Labels.role ?? ""));
  return [
    ...(await Promise.all(ofSlots)).flat(),
    ...commandProblems(host, release, commands),
    ...strangers.map((one) => `${host.name}: ${nameOf(one)} has no place here`),
  ];
}

/** The release command of what is live ran to its good end, once; the notes of the retired may be there, too. */
function commandProblems({ name }: LabHost, { wanted }: Release, commands: readonly Dockerode.ContainerInfo[]): string[] {
  const of = (release: string) => commands.filter(({ Labels }) => Labels[COMMAND] === release);
  const due = wanted.releaseCommand?.host === name ? wanted.releaseCommand.commands.length : 0;
  const done = of(wanted.release).filter(({ Status }) => Status.startsWith("Exited (0)"));
  const others = new Set(commands.map(({ Labels }) => Labels[COMMAND]).filter((release) => release !== wanted.release));
  return [
    ...(done.length === due && of(wanted.release).length === due ? [] : [`${done.length} of ${due} release commands are done`]),
    ...(others.size <= wanted.retainContainers ? [] : [`the commands of ${others.size} earlier releases are left`]),
    ...commands.filter(isRunning).map((one) => `${nameOf(one)} still runs`),
  ].map((problem) => `${name}: ${problem}`);
}

async function slotProblems(
  { name, docker }: LabHost,
  { wanted }: Release,
  { role, release, replicas, restart }: Slot,
  containers: readonly Dockerode.ContainerInfo[],
): Promise<string[]> {
  const own = containers.filter(({ Labels }) => Labels.role === role);
  const [running, others] = [own.filter(isRunning), own.filter((container) => !isRunning(container))];
  const retired = new Set(others.map(releaseOf));
  const right = running.filter((container) => releaseOf(container) === release);
  const policies = await Promise.all(
    right.map(async ({ Id }) => (await docker.getContainer(Id).inspect()).HostConfig.RestartPolicy),
  );
  const neverRan = others.filter((container) => container.State !== "exited" || releaseOf(container) === release);
  return [
    ...(right.length === replicas ? [] : [`${right.length} of ${replicas} containers of ${release} run`]),
    ...running.filter((container) => !right.includes(container)).map((container) => `${nameOf(container)} still runs`),
    ...neverRan.map((container) => `${nameOf(container)} was left ${container.State}`),
    ...(retired.size <= wanted.retainContainers ? [] : [`${retired.size} retired releases, not ${wanted.retainContainers}`]),
    ...policies.filter((policy) => policy?.Name !== restart).map((policy) => `restart policy ${policy?.Name}, not ${restart}`),
  ].map((problem) => `${name}/${role}: ${problem}`);
}

/** Nothing is there that will never be needed again. */
export async function leftovers({ name, docker }: LabHost, { wanted }: Release): Promise<string[]> {
  const [containers, images, { Volumes }] = await Promise.all([
    docker.listContainers({ all: true }),
    unusedImages(docker),
    docker.listVolumes({ filters: { dangling: ["true"] } }),
  ]);
  const foreign = containers.filter((one) => one.Labels.service !== wanted.service && nameOf(one) !== PROXY);
  return [
    ...foreign.map((container) => `container ${nameOf(container)}`),
    ...images.map(({ Id, RepoDigests }) => `image ${RepoDigests?.[0] ?? Id}`),
    ...Volumes.map((volume) => `volume ${volume.Name}`),
  ].map((what) => `${name}: left over: ${what}`);
}

/** Images of which there is no container; the proxy's own two belong to the host. */
async function unusedImages(docker: Dockerode): Promise<Dockerode.ImageInfo[]> {
  const [containers, images] = await Promise.all([docker.listContainers({ all: true }), docker.listImages()]);
  const used = new Set(containers.map(({ ImageID }) => ImageID));
  return images.filter(({ Id, RepoTags }) => !used.has(Id) && !RepoTags?.some((tag) => tag.includes(PROXY)));
}

/** The proxy sends everybody to the wanted containers, by its own file and by its answers. */
export async function routeProblems(host: LabHost, release: Release, site: string): Promise<string[]> {
  const slots = slotsOf(release, host.name).filter(({ proxied }) => proxied);
  if (slots.length === 0) return [];
  const running = (await appContainers(host, release.wanted.service)).filter(isRunning);
  const expected = running
    .filter(({ Labels }) => slots.some(({ role }) => role === Labels.role))
    .map(({ Id }) => `${Id.slice(0, 12)}:${APP_PORT}`);
  const { stdout } = await host.sh(`cat ${STATE_FILE}`);
  const routes = Routes.safeParse(parseJson(stdout)).data;
  if (routes === undefined) return [`${host.name}: the proxy's state is not readable: ${JSON.stringify(stdout.slice(0, 80))}`];
  const targets = routes.flatMap(({ active_targets }) => active_targets ?? []);
  const odd = routes.filter(({ rollout_targets, pause_controller }) => rollout_targets?.length || pause_controller?.state);
  const answers = await Promise.all(Array.from({ length: ASKED }, () => ask(host.address, site)));
  const wrong = [...new Set(answers)].filter((answer) => answer !== `200 ${release.version}`);
  return [
    ...(targets.sort().join() === expected.sort().join() ? [] : [`routes to [${targets}], not to [${expected}]`]),
    ...odd.map(({ name }) => `route ${name} is paused or split`),
    ...wrong.map((answer) => `answers ${JSON.stringify(answer)}, not ${release.version}`),
  ].map((problem) => `${host.name}: ${problem}`);
}

/** What the site answers there: `200 v1`, or why it does not. */
export function ask(address: string, site: string): Promise<string> {
  return new Promise((resolve) => {
    const call = request({ host: address, path: "/version", headers: { host: site }, timeout: 5000, agent: false }, (answer) => {
      let body = "";
      answer.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      answer.on("error", (error) => resolve(error.message));
      answer.on("end", () => resolve(`${answer.statusCode} ${body.trim().slice(0, 80)}`));
    });
    call.on("error", (error) => resolve(error.message));
    call.on("timeout", () => call.destroy(new Error("no answer in 5 s")));
    call.end();
  });
}
