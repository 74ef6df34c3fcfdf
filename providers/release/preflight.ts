import { messageOf, NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { loginFor, parseReference } from "../../core/image-reference.ts";
import { isOfApp } from "../../core/owner.ts";
import { isStored } from "../../core/stored-image.ts";
import { together } from "../../core/together.ts";
import { isOlder } from "../../core/version.ts";
import { type Container, diskOf, type Host, KAMAL_PROXY, type RegistryAuth } from "../../hosts/index.ts";
import { requireLimitSupport } from "../container/limit-support.ts";
import { requireNetworks } from "../container/networks.ts";
import { requireFreePorts } from "../container/ports.ts";
import { imageOn, twinOn } from "../container/stored-image.ts";
import { requireSpace } from "./disk.ts";
import { findUnused } from "./images.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { requireDifferentMachines } from "./machines.ts";
import { diskFor, parcelFor } from "./parcels.ts";
import { places } from "./places.ts";
import { requireReadableInRegistry } from "./readable-layers.ts";
import type { Ready } from "./ready.ts";
import type { Targets } from "./targets.ts";

/** Docker that knows everything we ask of it. */
export const OLDEST_ENGINE = "20.10";
/** Everything that could stop the release later and can be known now. Reads only. */
export async function preflight(inputs: ReleaseInputs, targets: Targets): Promise<Ready[]> {
  const used = new Set(places(inputs).map(({ host }) => host));
  const hosts = [...targets.values()].filter(({ name }) => used.has(name));
  const different = requireDifferentMachines(hosts);
  different.catch(() => {});
  const ready = await together(hosts, (host) => inspect(inputs, host));
  await different;
  return ready;
}

async function inspect(inputs: ReleaseInputs, host: Host): Promise<Ready> {
  const images = [...new Set(places(inputs).flatMap((place) => (place.host === host.name ? [place.image] : [])))];
  // The run has just looked at the host; what is decided on is looked at again under the lease.
  const look = host.shared;
  const asked = look.docker.info();
  // Two round trips beside the others: only a pull has to wait for them.
  const disk = diskOf(host, asked);
  disk.catch(() => {});
  const [engine, info, found] = await Promise.all([
    look.docker.version(),
    asked,
    Promise.all(images.map((image) => imageOn(look.docker, image))),
    refuseStrangers(inputs, look),
    requireProxy(inputs, look),
    requirePorts(inputs, look),
    requireLimits(inputs, look, asked),
    requireOtherNetworks(inputs, look),
  ]);
  if (isOlder(engine.engine, OLDEST_ENGINE)) throw tooOld(host, engine.engine);
  images.forEach((image, at) => {
    const there = found[at];
    if (there !== undefined && there.arch !== engine.arch)
      throw otherCpu(image, host, engine.arch, [`${there.os}/${there.arch}`]);
  });
  const missing = images.filter((_, at) => found[at] === undefined);
  const lacking = missing.filter((image) => !isStored(image));
  const twins = await findTwins(missing.filter(isStored), inputs, host, info, engine.arch);
  const stored = missing.filter((image) => isStored(image) && twins.every((twin) => twin.image !== image));
  if (lacking.length + stored.length === 0) return { host, info, images, lacking, parcels: [], twins, unused: [] };
  const [unused, parcels] = await Promise.all([
    findUnused(inputs, images, look),
    together(stored, (image) => parcelFor(image, host, engine, info)),
    together(lacking, async (image) => {
      await requirePullable(inputs, image, host, engine.arch);
      await requireReadableInRegistry(image, host, engine, info, inputs.registry);
    }),
  ]);
  // Else the disk is measured when those are removed.
  if (unused.length === 0) await requireSpace(host, disk, diskFor(parcels));
  return { host, info, images, lacking, parcels, twins, unused };
}

/** Stored images that the host has under another name, from a registry: neither a byte of them is sent, nor a connection opened for it. */
async function findTwins(
  images: readonly string[],
  { __stored: known }: ReleaseInputs,
  { docker }: Host,
  info: Ready["info"],
  arch: string,
): Promise<Ready["twins"]> {
  const found = images.map(async (image) => {
    const twin = await twinOn(docker, image, known, info);
    return twin?.arch === arch ? [{ image, id: twin.id }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** The registry is asked through the host's own Docker, so that its network, its mirrors and its CAs count. */
async function requirePullable(inputs: ReleaseInputs, image: string, host: Host, arch: string): Promise<void> {
  const there = await host.docker.distribution(image, authOf(inputs)).catch((thrown: unknown) => {
    if (thrown instanceof SlipwayError) throw thrown;
    throw registryFailed(inputs, image, host, thrown);
  });
  if (there === undefined) throw imageMissing(image, host);
  const platforms = there.platforms.filter(({ os }) => os !== "unknown" && os !== "");
  if (platforms.length === 0 || platforms.some((platform) => platform.arch === arch)) return;
  throw otherCpu(
    image,
    host,
    arch,
    platforms.map((platform) => `${platform.os}/${platform.arch}`),
  );
}

/** A container with our name but without our label belongs to another app. */
async function refuseStrangers(inputs: ReleaseInputs, host: Host): Promise<void> {
  const own = places(inputs).filter((place) => place.host === host.name);
  await together(own, async ({ container: name }) => {
    const found = await host.docker.inspect(name);
    if (found === undefined || found.labels.service === inputs.service) return;
    const owner = found.labels.service ?? found.labels["com.docker.compose.project"];
    throw new SlipwayError({
      code: "NAME_TAKEN",
      what: `the name ${name} is taken by a container that is not ours`,
      host: host.name,
      evidence: [
        `${found.image}, ${found.state.status}, ${owner === undefined ? "no label names its owner" : `belongs to ${owner}`}`,
      ],
      servesNow: NOTHING_TOUCHED,
      next: `rename or remove it on ${host.name} (docker rename ${name} …), then run pulumi up again`,
    });
  });
}

/** A role with ports of the host stops its old container before it starts the new one. */
function requirePorts(inputs: ReleaseInputs, host: Host): Promise<void> {
  const own = Object.entries(inputs.roles).filter(([, { hosts }]) => hosts.includes(host.name));
  const claims = own.map(([role, { options }]) => ({
    ports: options.publish ?? [],
    isReplaced: ({ labels }: Container) => isOfApp(inputs, labels) && labels.role === role,
    keyOf: `slipway:servers.${role}.options.publish`,
  }));
  return requireFreePorts(host, claims);
}

function requireOtherNetworks(inputs: ReleaseInputs, host: Host): Promise<void> {
  const own = Object.entries(inputs.roles).filter(([, { hosts }]) => hosts.includes(host.name));
  const claims = own.map(([role, { options }]) => ({
    networks: options.networks ?? [],
    keyOf: `slipway:servers.${role}.options.network`,
  }));
  return requireNetworks(host, claims);
}

async function requireLimits(inputs: ReleaseInputs, host: Host, info: ReturnType<Host["docker"]["info"]>): Promise<void> {
  const own = Object.entries(inputs.roles).filter(([, { hosts }]) => hosts.includes(host.name));
  await together(own, ([role, { options }]) => requireLimitSupport(options, host, `slipway:servers.${role}.options`, () => info));
}

async function requireProxy(inputs: ReleaseInputs, host: Host): Promise<void> {
  const proxied = places(inputs).some((place) => place.host === host.name && place.spec.proxy !== undefined);
  if (!proxied) return;
  const proxy = await host.docker.inspect(KAMAL_PROXY.container);
  if (proxy?.state.running) return;
  throw new SlipwayError({
    code: "PROXY_UNAVAILABLE",
    what: `kamal-proxy is ${proxy === undefined ? "missing" : "stopped"}`,
    host: host.name,
    servesNow: "nothing on that host",
    next: "pulumi up without --target, so that its Proxy is converged first",
  });
}

export const authOf = ({ registry }: ReleaseInputs): RegistryAuth | undefined => registry;

const tooOld = (host: Host, engine: string): SlipwayError =>
  new SlipwayError({
    code: "DOCKER_UNAVAILABLE",
    what: `Docker ${engine} is too old; ${OLDEST_ENGINE} is the oldest that works`,
    host: host.name,
    servesNow: NOTHING_TOUCHED,
    next: `upgrade Docker on ${host.name}, then run pulumi up again`,
  });

const otherCpu = (image: string, host: Host, arch: string, built: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_WRONG_PLATFORM",
    what: `the image is built for ${built.join(", ")}; this host is linux/${arch}`,
    host: host.name,
    evidence: [image],
    servesNow: NOTHING_TOUCHED,
    next: `build it for linux/${arch} (docker build --platform linux/${arch}), push it, then run pulumi up again`,
  });

const imageMissing = (image: string, host: Host): SlipwayError =>
  new SlipwayError({
    code: "IMAGE_NOT_FOUND",
    what: "the image is not in the registry",
    host: host.name,
    evidence: [image],
    servesNow: NOTHING_TOUCHED,
    next: "push it, or correct slipway:image, then run pulumi up again",
  });

function registryFailed({ registry }: ReleaseInputs, image: string, host: Host, thrown: unknown): SlipwayError {
  const { registry: name } = parseReference(image);
  const user = loginFor(image, registry)?.username;
  const isPlain = /server gave HTTP response to HTTPS client/.test(messageOf(thrown));
  return new SlipwayError(
    {
      code: "REGISTRY_UNREACHABLE",
      what: isPlain
        ? `the registry ${name} answers plain HTTP, which Docker does not use`
        : `the registry ${name} did not answer for ${user === undefined ? "a user without login" : `user ${user}`}`,
      host: host.name,
      evidence: [messageOf(thrown)],
      servesNow: NOTHING_TOUCHED,
      next: isPlain
        ? "give the registry a certificate, or name it in slipway:docker.settings.insecure-registries, then run pulumi up again"
        : "check slipway:registry, and that the host can reach it, then run pulumi up again",
    },
    { cause: thrown },
  );
}
