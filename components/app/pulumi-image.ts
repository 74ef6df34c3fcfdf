import { relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { placeOf } from "../../builder/place.ts";
import type { BuildFacts, BuiltImage } from "../../core/build.ts";
import { type Builder, unknownToPulumi } from "../../core/builder.ts";
import { digestIn, isByDigest } from "../../core/image-reference.ts";
import { isStored } from "../../core/stored-image.ts";
import { projectOf } from "../../project/place.ts";
import { isInstalled, optionalPackage } from "../pulumi/optional-package.ts";
import type { RegistryCredentials } from "../server/registry-login.ts";

const PACKAGE = "@pulumi/docker";

type Docker = typeof import("@pulumi/docker");
const docker = (): Docker => optionalPackage(PACKAGE, "builds with @pulumi/docker") as Docker;

/** Whether an image is built by the Image of `@pulumi/docker`. @param image without digest */
export function isForPulumi(builder: Builder, image: string, installed: () => boolean = () => isInstalled(PACKAGE)): boolean {
  if (builder.with !== undefined) return builder.with === PACKAGE;
  return !isStored(image) && unknownToPulumi(builder).length === 0 && installed();
}

export interface PulumiImageArgs {
  /** Where it is pushed: without tag and digest. */
  readonly image: pulumi.Input<string>;
  readonly builder: Builder;
  readonly facts: pulumi.Input<BuildFacts>;
  readonly registry: RegistryCredentials | undefined;
}

/** Builds and pushes an image by Pulumi's own resource. @returns unknown in a preview in which it is to be built */
export function pulumiImage(
  name: string,
  { image, builder, facts, registry }: PulumiImageArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<BuiltImage> {
  const version = pulumi.output(facts).apply((known) => known.version);
  const args = {
    imageName: pulumi.interpolate`${image}:${version}`,
    build: buildOf(builder),
    ...(registry === undefined ? {} : { registry }),
  };
  const { repoDigest } = new (docker().Image)(name, args, opts);
  return pulumi.all([repoDigest, facts]).apply(([pushed, known]) => builtFrom(pushed, known));
}

/** From where the program runs, so that it is the same on every machine. */
function buildOf(builder: Builder) {
  const { context, dockerfile } = placeOf(builder, projectOf(process.cwd()));
  const here = (path: string) => relative(process.cwd(), path) || ".";
  const { args, target, platforms, cache } = builder;
  return {
    context: here(context),
    dockerfile: here(dockerfile),
    args,
    platform: platforms[0] ?? "",
    ...(target === undefined ? {} : { target }),
    ...(cache?.image === undefined ? {} : { cacheFrom: { images: [cache.image] } }),
  };
}

function builtFrom(pushed: string, { version, content }: BuildFacts): BuiltImage {
  // An image that was not pushed has the id that the engine gave it.
  if (!isByDigest(pushed)) throw new TypeError(`@pulumi/docker has pushed no image: ${pushed}`);
  return { version, content, digest: digestIn(pushed) };
}
