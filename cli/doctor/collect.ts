import type { Config } from "../../config/index.ts";
import { Deadline } from "../../core/deadline.ts";
import type { Hosts } from "../../hosts/index.ts";
import { confirmTag, resolveDigest, resolvePlatforms } from "../../registry/index.ts";
import { hostsAt } from "../stack/access.ts";
import { ask } from "./ask.ts";
import { reportOn } from "./checks.ts";
import type { Facts, HostFacts, ImageFacts, NameFacts } from "./facts.ts";
import { lookAtHost } from "./host.ts";
import { namesIn } from "./kamal.ts";
import { resolveName, servedNames } from "./names.ts";
import type { DoctorReport } from "./report.ts";
import { type DoctorTarget, TIMEOUT } from "./target.ts";

/** Checks everything that a release needs, in parallel, over one connection per host. Changes nothing; the lease is held for a moment. */
export async function collectReport(target: DoctorTarget): Promise<DoctorReport> {
  const hosts = hostsAt(target.access);
  try {
    return reportOn(await gather(target, hosts));
  } finally {
    await hosts.close();
  }
}

async function gather({ access: _access, ...target }: DoctorTarget, hosts: Hosts): Promise<Facts> {
  const { config } = target;
  const [images, names, machines] = await Promise.all([
    Promise.all(imagesOf(config).map((image) => lookAtImage(image, config))),
    Promise.all(servedNames(config).map(lookAtName)),
    Promise.all(config.hosts.map((host) => lookAt(host, config, hosts))),
  ]);
  return { ...target, images, names, hosts: machines };
}

async function lookAt(host: Config["hosts"][number], config: Config, hosts: Hosts): Promise<HostFacts> {
  if (host.madeAt !== undefined) return { kind: "planned", host: host.name, madeAt: host.madeAt };
  const needs = { images: imagesOf(config), registry: config.registry, app: namesIn(config) };
  return lookAtHost(host, needs, hosts, Deadline.in(TIMEOUT));
}

/** The images of the app, of its canary and of jobs. */
function imagesOf({ image, canary, jobs }: Config): string[] {
  const all = [image, ...(canary === undefined ? [] : [canary.image]), ...jobs.flatMap((job) => job.image ?? [])];
  return [...new Set(all)];
}

async function lookAtImage(image: string, { registry }: Config): Promise<ImageFacts> {
  const deadline = Deadline.in(TIMEOUT);
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

const lookAtName = async (served: Omit<NameFacts, "addresses">): Promise<NameFacts> => ({
  ...served,
  addresses: await resolveName(served.name, Deadline.in(TIMEOUT)),
});
