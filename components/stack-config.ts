import * as pulumi from "@pulumi/pulumi";
import { type Config, parseConfig } from "../config/index.ts";
import { readPlainScalars } from "../project/plain-scalars.ts";
import { confirmTag, resolveDigest } from "../registry/index.ts";
import type { Digests } from "./declare/release.ts";
import { secretKeys } from "./pulumi/config-values.ts";

/** The config of the current stack. Throws one error with everything that is wrong in it. */
export function stackConfig(): Config {
  const stack = pulumi.getStack();
  const file = `stacks/Pulumi.${stack}.yaml`;
  const plain = readPlainScalars(process.cwd(), stack);
  return parseConfig({ values: pulumi.runtime.allConfig(), secretKeys: secretKeys(), stack, file, plain });
}

/**
 * The digests of the images' tags in this run. Known before the first resource, so that the preview can name the release, and so that
 * a missing image or a wrong login stops the run when only the registry has been contacted. The tag beside a digest is compared with it.
 */
export async function imageDigests({ image, canary, registry }: Pick<Config, "image" | "canary" | "registry">): Promise<Digests> {
  const [own, tried, ...confirmed] = await Promise.all([
    resolveDigest(image, registry),
    canary === undefined ? undefined : resolveDigest(canary.image, registry),
    confirmTag(image, registry),
    canary === undefined ? undefined : confirmTag(canary.image, registry),
  ]);
  return { image: own, canary: tried, unconfirmed: confirmed.filter((tag) => tag !== undefined) };
}
