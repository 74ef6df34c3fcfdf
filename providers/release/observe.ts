import { prefixOf, proxyFilesFolder } from "../../core/names.ts";
import { foreignOf, isOfApp, isOwn, STACK_LABEL } from "../../core/owner.ts";
import { imagesOf } from "../../core/release/named-image.ts";
import { omitUndefined } from "../../core/values.ts";
import type { HostName, Milliseconds, RoleName, Seconds } from "../../core/words.ts";
import {
  type Container,
  type ContainerSummary,
  type Host,
  type Hosts,
  type ImageSummary,
  KAMAL_PROXY,
  type KamalProxy,
  type Route,
} from "../../hosts/index.ts";
import { editsOf, limitsOf } from "../container/limits.ts";
import { statusOf } from "../container/status.ts";
import { digestsOf, unusedImages, usedBy } from "../container/unused-images.ts";
import { orUnreachable } from "../steps/finding.ts";
import { assetsOf, findUnusedAssets } from "./assets.ts";
import { type Fleet, type Found, type FoundCommand, type FoundHost, type FoundImage, type FoundRoute, HELPER } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { type Place, places } from "./places.ts";
import { COMMAND } from "./plan-commands.ts";
import { clashesOf } from "./route-clash.ts";
import { isNamedIn } from "./route-files.ts";
import { finishesBy } from "./taken-out.ts";

/**
 * What runs and serves of this app, on the hosts given. A host that cannot be reached is a finding, not a failure: one dead host
 * must not hide the state of the others.
 */
export async function observeFleet(inputs: ReleaseInputs, hosts: Hosts, before: Fleet = {}): Promise<Fleet> {
  const found = Object.values(inputs.hosts).map(async (address): Promise<[HostName, FoundHost]> => {
    const { name } = address;
    return [name, await orUnreachable(name, () => observeHost(inputs, hosts.at(address), before[name]))];
  });
  return Object.fromEntries(await Promise.all(found));
}

/**
 * One host: Docker is asked what runs, the proxy what serves.
 *
 * @param before an earlier look: containers that were there are asked for at once, without waiting for the list of those that are
 */
export async function observeHost(inputs: ReleaseInputs, host: Host, before?: FoundHost): Promise<FoundHost> {
  const wanted = places(inputs).filter((place) => place.host === host.name);
  const asked = new Map(othersIn(before, wanted).map((id) => [id, host.docker.inspect(id)] as const));
  // The list decides which of them count.
  for (const answer of asked.values()) answer.catch(() => {});
  const inspect = (id: string) => asked.get(id) ?? host.docker.inspect(id);
  const proxyNow = host.proxy.observe();
  const [listed, images, inspected, proxy, proxyFiles, network] = await Promise.all([
    // All of them: a container of another app may use an image of ours.
    host.docker.containers({}),
    host.docker.images({}),
    Promise.all(wanted.map((place) => inspectWanted(place, host))),
    proxyNow,
    findProxyFiles(inputs, wanted, host.proxy, proxyNow),
    hasNetwork(wanted, host),
  ]);
  const named = listed.filter(({ labels }) => isOfApp(inputs, labels));
  const ours = named.filter(({ labels }) => isOwn(labels[STACK_LABEL], inputs));
  const details = new Map(inspected.flatMap((detail) => (detail === undefined ? [] : [[detail.container.id, detail] as const])));
  const [assets, now, ...own] = await Promise.all([
    findUnusedAssets(inputs, ours, host),
    ours.some(mayFinish) ? host.docker.info().then(({ time }) => time) : undefined,
    ...ours.filter(({ labels }) => labels.role !== undefined).map((summary) => asItIs(summary, details.get(summary.id), inspect)),
  ]);
  const containers = own.flatMap((found) =>
    found === undefined ? [] : [foundOf(inputs, found, details.get(found.summary.id), now)],
  );
  const roles = new Set([...Object.keys(inputs.roles), ...containers.map(({ role }) => role)]);
  return {
    kind: "reached",
    containers: containers.sort((a, b) => (a.name < b.name ? -1 : 1)),
    routes: [...roles].sort().flatMap((role) => {
      const route = proxy.routes.find(({ service }) => service === prefixOf(inputs, role));
      return route === undefined ? [] : [foundRouteOf(role, route)];
    }),
    proxy: proxy.container,
    network,
    strangers: foreignOf(named, inputs),
    clashes: wanted.flatMap((place) => clashesOf(inputs, place, { routes: proxy.routes, containers: listed })),
    commands: await Promise.all(ours.filter(isCommand).map((summary) => foundCommandOf(inputs, summary, host))),
    helpers: ours
      .filter(({ labels }) => labels[HELPER] !== undefined)
      .map(({ id, name, imageId: image }) => ({ id, name, image })),
    proxyFiles,
    images: [...unusedImages(imagesOf(inputs), listed, images), ...ownImages(ours, listed, images)],
    assets,
  };
}

/** What ran besides what is wanted: usually the live containers that a release replaces. */
function othersIn(before: FoundHost | undefined, wanted: readonly Place[]): string[] {
  if (before?.kind !== "reached") return [];
  const names = new Set(wanted.map(({ container }) => container));
  return before.containers.flatMap(({ id, name, running }) => (running && !names.has(name) ? [id] : []));
}

const foundRouteOf = (role: RoleName, { targets, options, state, rollout }: Route): FoundRoute => ({
  role,
  targets: [...targets],
  options,
  state,
  ...(rollout === undefined ? {} : { rollout: { ...rollout, targets: [...rollout.targets], allow: [...rollout.allow] } }),
});

/** Where the app has a proxy, the network is the proxy's own part. */
const hasNetwork = async (wanted: readonly Place[], { docker }: Host): Promise<boolean> =>
  wanted.some(({ spec }) => spec.proxy !== undefined) || (await docker.network(KAMAL_PROXY.network)) !== undefined;

/** Images that containers of the app use, and no other container. */
function ownImages(
  ours: readonly ContainerSummary[],
  all: readonly ContainerSummary[],
  images: readonly ImageSummary[],
): FoundImage[] {
  const own = new Set(ours.map(({ id }) => id));
  const used = usedBy(ours);
  const usedByOthers = usedBy(all.filter(({ id }) => !own.has(id)));
  return images
    .filter(({ id }) => used.has(id) && !usedByOthers.has(id))
    .map((one) => ({ id: one.id, digests: digestsOf(one) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Folders of this app among the proxy's files. The proxy is not asked where none is wanted and no route of the app names one. */
async function findProxyFiles(
  inputs: ReleaseInputs,
  wanted: readonly Place[],
  proxy: KamalProxy,
  now: ReturnType<KamalProxy["observe"]>,
): Promise<string[]> {
  const parent = proxyFilesFolder(inputs);
  const areWanted = Object.keys(inputs.proxyFiles).length > 0 && wanted.some(({ spec }) => spec.proxy !== undefined);
  if (!areWanted && !(await now).routes.some(({ options }) => isNamedIn(options, parent))) return [];
  return (await proxy.folders(parent)).map((name) => `${parent}/${name}`).sort();
}

const isCommand = ({ labels }: ContainerSummary): boolean => labels[COMMAND.release] !== undefined;

async function foundCommandOf(inputs: ReleaseInputs, summary: ContainerSummary, host: Host): Promise<FoundCommand> {
  const { id, name, labels, imageId: image, created } = summary;
  const release = labels[COMMAND.release] ?? "";
  const isWanted = release === inputs.release || release === inputs.canary?.release;
  const state = await outcomeOf(summary, isWanted, host);
  const assets = assetsOf(inputs, summary);
  const index = Number(labels[COMMAND.index] ?? 0);
  return { id, name, image, created, state, release, index, ...omitUndefined({ assets }) };
}

/** How it ended matters only of those that could have to run again. */
async function outcomeOf({ id, state }: ContainerSummary, isWanted: boolean, { docker }: Host): Promise<FoundCommand["state"]> {
  if (state === "running") return "running";
  if (state !== "exited") return "failed";
  return !isWanted || (await docker.inspect(id))?.state.exitCode === 0 ? "done" : "failed";
}

interface Detail {
  readonly container: Container;
  readonly edited: readonly string[];
}

async function inspectWanted({ container: name, spec }: Place, host: Host): Promise<Detail | undefined> {
  const container = await host.docker.inspect(name);
  return container && { container, edited: editsOf(await limitsOf(container, spec.options, host), spec.options) };
}

/**
 * On a full disk Docker cannot record that a container started or ended, and its list shows the old state until the next change of
 * that container. An inspect of the container shows the current one.
 */
async function asItIs(
  summary: ContainerSummary,
  detail: Detail | undefined,
  inspect: (id: string) => Promise<Container | undefined>,
): Promise<AsItIs | undefined> {
  if (detail === undefined && summary.state === "exited") return { summary, stopTimeout: undefined };
  const now = detail?.container ?? (await inspect(summary.id));
  return now && { summary: { ...summary, state: now.state.status }, stopTimeout: now.stopTimeout };
}

interface AsItIs {
  readonly summary: ContainerSummary;
  readonly stopTimeout: Seconds | undefined;
}

const mayFinish = ({ name, state }: ContainerSummary): boolean => state === "running" && finishesBy(name) !== undefined;

/** How long Docker may take for a SIGKILL. What runs on after that lost its stop, as by a restart of Docker below running containers. */
const KILL_TIMEOUT: Milliseconds = 30_000;

/** Both moments are by the host's clock. */
function finishingOf({ name }: ContainerSummary, now: Date | undefined): Found["finishing"] {
  const until = finishesBy(name);
  if (until === undefined) return undefined;
  const isOver = now !== undefined && now.getTime() > until.getTime() + KILL_TIMEOUT;
  return isOver ? undefined : { until: until.toISOString().replace(".000Z", "Z") };
}

function foundOf(
  inputs: ReleaseInputs,
  { summary, stopTimeout }: AsItIs,
  detail: Detail | undefined,
  now: Date | undefined,
): Found {
  const { id, name, labels, state, imageId, created } = summary;
  const release = labels["slipway.release"];
  return {
    id,
    name,
    role: roleOf(labels),
    replica: Number(labels["slipway.replica"] ?? 1),
    ...(release === undefined ? {} : { release }),
    running: state === "running",
    status: state === "exited" && detail !== undefined ? statusOf(detail.container.state) : state,
    edited: detail !== undefined && state === "running" ? [...detail.edited] : [],
    image: imageId,
    ...omitUndefined({ assets: assetsOf(inputs, summary) }),
    ...(state === "running" ? omitUndefined({ stopTimeout, finishing: finishingOf(summary, now) }) : {}),
    created,
  };
}

const roleOf = (labels: Readonly<Record<string, string>>): RoleName => labels.role ?? "";
