import * as pulumi from "@pulumi/pulumi";
import { type Config, parseConfig } from "../config/index.ts";
import { absoluteImage } from "../core/image-reference.ts";
import { resolveDigest } from "../registry/index.ts";
import type { Digests } from "./declare/release.ts";

/** The config of the stack that runs, parsed; all that is wrong with it in one error. */
export function stackConfig(): Config {
  const stack = pulumi.getStack();
  const file = `stacks/Pulumi.${stack}.yaml`;
  const config = parseConfig({ values: pulumi.runtime.allConfig(), secretKeys: secretKeys(), stack, file });
  const absolute = (image: string) => absoluteImage(image, config.registry?.server);
  const canary = config.canary && { ...config.canary, image: absolute(config.canary.image) };
  return { ...config, image: absolute(config.image), canary };
}

/** The engine tells the program which keys hold a secret; the SDK reads this variable, too, but keeps the answer to itself. */
function secretKeys(): ReadonlySet<string> {
  const keys: unknown = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]");
  return new Set(Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : []);
}

/**
 * Which images the tags mean in this run. Known before the first resource, so that the preview can name the release, and so that a
 * missing image or a wrong login stops the run while nothing has been contacted but the registry.
 */
export async function imageDigests({ image, canary, registry }: Config): Promise<Digests> {
  const [own, tried] = await Promise.all([
    resolveDigest(image, registry),
    canary === undefined ? undefined : resolveDigest(canary.image, registry),
  ]);
  return { image: own, canary: tried };
}
