import { z } from "zod";
import { Secrets } from "../../../config/env/secret.ts";
import { RegistrySection, resolveRegistry } from "../../../config/release/registry.ts";
import { Problems } from "../../../config/schema/problem.ts";
import { isEngineImage, parseEngineImage } from "../../../core/engine-image.ts";
import { isFileImage, parseFileImage } from "../../../core/file-image.ts";
import { absoluteImage, digestIn, parseReference } from "../../../core/image-reference.ts";
import { isLocalImage } from "../../../core/local-image.ts";
import { isStored } from "../../../core/stored-image.ts";
import { parseValues, rawOf } from "../../../project/config-values.ts";
import { ImageStore, readImageFile, resolveDigest } from "../../../registry/index.ts";

type Written = Readonly<Record<string, unknown>>;

/** Whether the digest can be found without a login: the config contains it, the image is on this machine or is built, or it is public. */
export function needsNoLogin({
  "slipway:image": image,
  "slipway:builder": builder,
  "slipway:registry": registry,
}: Written): boolean {
  if (registry === undefined || builder !== undefined) return true;
  return typeof image === "string" && (isLocalImage(image) || parseReference(image).digest !== undefined);
}

/**
 * The digest that a run of the program would find. Only image and registry are read: loading the schemas of a complete config takes as
 * long as asking the registry, and the config is known to be the one of the last run.
 *
 * @param written the config of the stack's file, secrets sealed
 * @param root the project's folder
 * @param shown what `pulumi config --show-secrets --json` prints; called only if a login is needed
 * @returns `undefined`: it is an image that was never released from here
 */
export async function currentDigest(written: Written, root: string, shown: () => Promise<string>): Promise<string | undefined> {
  const image = z.string().parse(written["slipway:image"]);
  const file = parseFileImage(image);
  if (isStored(image)) return digestIn(image);
  if (file !== undefined) return (await readImageFile(file, root, ImageStore.of(root))).digest;
  const engine = parseEngineImage(image);
  if (engine !== undefined) {
    const { knownDigest } = await import("../../../builder/index.ts");
    return knownDigest(engine, ImageStore.of(root), { env: process.env });
  }
  if (needsNoLogin(written)) return resolveDigest(image, undefined);
  const { values, secretKeys } = rawOf(parseValues(await shown()));
  const sealed = new Set([...secretKeys].map((key) => key.replace("slipway:", "")));
  const place = new Problems().at("registry");
  const secrets = new Secrets(parsed(values["slipway:secrets"], z.record(z.string(), z.string())) ?? {}, sealed);
  const registry = resolveRegistry(parsed(values["slipway:registry"], RegistrySection), secrets, sealed, place);
  return resolveDigest(absoluteImage(image, registry?.server), registry);
}

/** What it means if that digest is not the one of the release. */
export function whatDiffers({ "slipway:image": image }: Written): string {
  if (typeof image === "string" && isFileImage(image)) return "the image in the file is a different one now";
  if (typeof image === "string" && isEngineImage(image))
    return "the image in the engine is a different one than this machine released last";
  return "the image's tag points to a different image now";
}

const parsed = <T>(json: string | undefined, schema: z.ZodType<T>): T | undefined =>
  json === undefined ? undefined : schema.parse(JSON.parse(json));
