import type { Config } from "../../config/index.ts";
import { SlipwayError } from "../../core/error.ts";
import type { Registry } from "../../core/registry.ts";
import { confirmTag, resolveDigest } from "../../registry/index.ts";
import type { Digests } from "./release.ts";

/**
 * The digests of the images' tags in this run. Known before the first resource, so that the preview can name the release, and so that
 * a missing image or a wrong login stops the run when only the registry has been contacted. The tag beside a digest is compared with it.
 */
export async function imageDigests(config: Pick<Config, "image" | "canary" | "jobs" | "registry">): Promise<Digests> {
  const { image, canary, registry } = config;
  const [own, tried, jobs, ...confirmed] = await Promise.all([
    digestOf(image, registry, "slipway:image"),
    canary === undefined ? undefined : digestOf(canary.image, registry, "slipway:canary.image"),
    digestsOfJobs(config),
    confirmTag(image, registry),
    canary === undefined ? undefined : confirmTag(canary.image, registry),
  ]);
  return { image: own, canary: tried, jobs, unconfirmed: confirmed.filter((tag) => tag !== undefined) };
}

async function digestsOfJobs({ jobs, registry }: Pick<Config, "jobs" | "registry">): Promise<Record<string, string>> {
  const own = jobs.flatMap(({ name, image }) => (image === undefined ? [] : [{ name, image }]));
  const found = own.map(
    async ({ name, image }) => [name, await digestOf(image, registry, `slipway:jobs.${name}.image`)] as const,
  );
  return Object.fromEntries(await Promise.all(found));
}

/** @param key where the image is written, for the error */
async function digestOf(image: string, registry: Registry | undefined, key: string): Promise<string> {
  try {
    return await resolveDigest(image, registry);
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    throw new SlipwayError({ ...thrown.story, next: thrown.story.next.replaceAll("slipway:image", key) }, { cause: thrown });
  }
}
