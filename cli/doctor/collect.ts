import { type BuiltSource, builtImages } from "../../components/declare/built-images.ts";
import { readLocalImage } from "../../components/declare/local-image.ts";
import type { Config } from "../../config/index.ts";
import { Deadline } from "../../core/deadline.ts";
import { isLocalImage } from "../../core/local-image.ts";
import { isStored } from "../../core/stored-image.ts";
import type { Seconds } from "../../core/words.ts";
import type { Hosts } from "../../hosts/index.ts";
import { confirmTag, resolveDigest, resolvePlatforms } from "../../registry/index.ts";
import { hostsAt } from "../stack/access.ts";
import { ask } from "./ask.ts";
import { reportOn } from "./checks.ts";
import type { BuilderFacts, Facts, HostFacts, ImageFacts, NameFacts } from "./facts.ts";
import { lookAtHost } from "./host.ts";
import { proxyPorts } from "./inbound.ts";
import { namesIn } from "./kamal.ts";
import { resolveForAll, servedNames } from "./names.ts";
import type { DoctorReport } from "./report.ts";
import { type DoctorTarget, TIMEOUT } from "./target.ts";

/** For an image of some GB on a slow disk: a run reads it as well. */
const READING: Seconds = 120;

/** Checks everything that a release needs, in parallel, over one connection per host. Changes nothing; the lease is held for a moment. */
export async function collectReport(target: DoctorTarget): Promise<DoctorReport> {
  const hosts = hostsAt(target.access);
  try {
    return reportOn(await gather(target, hosts));
  } finally {
    await hosts.close();
  }
}

async function gather({ access: _access, root, ...target }: DoctorTarget, hosts: Hosts): Promise<Facts> {
  const { config } = target;
  const built = builtImages(config);
  const [build, images, names, machines] = await Promise.all([
    built.length === 0 ? undefined : ask(lookAtBuilds(built, config, root), Deadline.in(READING)),
    Promise.all(imagesOf(config).map((image) => lookAtImage(image, config, root))),
    Promise.all(servedNames(config).map(lookAtName)),
    Promise.all(config.hosts.map((host) => lookAt(host, config, hosts))),
  ]);
  return { ...target, build, images, names, hosts: machines };
}

async function lookAt(host: Config["hosts"][number], config: Config, hosts: Hosts): Promise<HostFacts> {
  if (host.madeAt !== undefined) return { kind: "planned", host: host.name, madeAt: host.madeAt };
  const needs = {
    images: imagesOf(config).filter((image) => !isLocalImage(image)),
    registry: config.registry,
    app: namesIn(config),
    inbound: proxyPorts(host.name, config),
  };
  return lookAtHost(host, needs, hosts, Deadline.in(TIMEOUT));
}

/** The images of the app, of its canary, of roles and of jobs. */
function imagesOf(config: Config): string[] {
  const own = [config, ...[...config.roles, ...config.jobs].flatMap((one) => one.own ?? [])];
  const ready = own.filter(({ builder }) => builder === undefined);
  const all = [...ready, ...(config.canary === undefined ? [] : [config.canary])].map(({ image }) => image);
  // What was built without one is in no registry.
  return [...new Set(all)].filter((one) => !isStored(one));
}

async function lookAtImage(image: string, { registry }: Config, root: string): Promise<ImageFacts> {
  const deadline = Deadline.in(TIMEOUT);
  if (isLocalImage(image)) return { image, built: await ask(lookHere(image, root), Deadline.in(READING)) };
  const built = Promise.all([
    resolveDigest(image, registry, deadline),
    resolvePlatforms(image, registry, deadline),
    confirmTag(image, registry),
  ]);
  return {
    image,
    built: await ask(
      built.then(([digest, platforms, unconfirmed]) => ({ digest, platforms, unconfirmed })),
      // A little later, so that the registry is named which did not answer.
      Deadline.in(TIMEOUT + 1),
    ),
  };
}

/** As a run does, so that the files are not read again by the next one. */
async function lookAtBuilds(built: readonly BuiltSource[], app: Config, root: string): Promise<BuilderFacts> {
  const [{ findTools }, { buildFacts }] = await Promise.all([
    import("../../builder/index.ts"),
    import("../../components/declare/build.ts"),
  ]);
  const { service, destination } = app;
  const [tools, ...builds] = await Promise.all([
    findTools(process.env),
    ...built.map(async (one) => {
      const { version, uncommitted } = await buildFacts({ ...one, service, destination }, root);
      return { name: one.name, version, uncommitted: uncommitted.count };
    }),
  ]);
  return { ...tools, builds };
}

/** As a run does, so that the image is not read again by the next one. */
async function lookHere(image: string, root: string) {
  const { digest, stored } = await readLocalImage(image, root);
  return { digest, platforms: (stored?.platforms ?? []).map(({ os, arch }) => ({ os, arch })) };
}

const lookAtName = async (served: Omit<NameFacts, "addresses" | "elsewhere">): Promise<NameFacts> => ({
  ...served,
  ...(await resolveForAll(served.name, Deadline.in(TIMEOUT))),
});
