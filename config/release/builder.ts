import { z } from "zod";
import { type BuildCache, type Builder, unknownToPulumi } from "../../core/builder.ts";
import { isEngineImage } from "../../core/engine-image.ts";
import { isFileImage } from "../../core/file-image.ts";
import { isReference } from "../../core/image-reference.ts";
import { isStored } from "../../core/stored-image.ts";
import { repositoryOf } from "../container/image.ts";
import type { Secrets } from "../env/secret.ts";
import { isEnvName, quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

const CacheSection = section({
  type: field(z.enum(["gha", "registry"]), {
    is: "Where it is: `gha` is the cache of GitHub Actions, `registry` an image beside the app's.",
    refused: "missing",
    example: "registry",
  }),
  image: field(z.string(), {
    is: "The image of a cache of type registry.",
    refused: "missing with type registry; with type gha",
    example: "ghcr.io/acme/shop-build-cache",
  }),
  options: field(z.string().min(1), {
    is: "Further settings of the cache that is written, as of `docker buildx build --cache-to`.",
    otherwise: "none",
    example: "mode=max",
  }),
});

const attestation = z.union([z.boolean(), z.string().min(1)]);

export const BuilderSection = section(
  {
    context: field(z.string().min(1), {
      is: "The folder that the image is built from, from the project's folder. What `.dockerignore` names is left out, and so are `.git` and the files of this project for Pulumi; a line `!.git` takes it back.",
      default: ".",
      refused: "a URL",
      example: "apps/shop",
    }),
    dockerfile: field(z.string().min(1), {
      is: "The Dockerfile, from the project's folder.",
      otherwise: "Dockerfile in the context",
      example: "docker/shop.Dockerfile",
    }),
    target: field(z.string().min(1), { is: "The stage that is built.", otherwise: "the last one", example: "production" }),
    args: field(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])), {
      is: "Build arguments. They are no place for secrets: the image shows them.",
      default: {},
      example: { RUBY_VERSION: "3.4.1" },
    }),
    secrets: field(z.array(z.string()), {
      is: "Names of secrets that steps of the Dockerfile mount, `RUN --mount=type=secret,id=NAME`. Their values are not in the image; another value alone builds nothing.",
      default: [],
      refused: "a secret that is not set",
      example: ["NPM_TOKEN"],
    }),
    ssh: field(z.string().min(1), {
      is: "SSH for steps of the Dockerfile that mount it, as of `docker buildx build --ssh`: `default` is the agent of this machine.",
      otherwise: "none",
      example: "default",
    }),
    clean: field(z.union([z.boolean(), z.literal("commit")]), {
      is: "Builds the commit that is checked out, from an export of it: a file that git ignores, or does not know, is never in the image. `true` refuses a deploy while files of the context are not committed; `commit` leaves them out. Submodules are exported at the commit that the repository has of them.",
      default: false,
      refused: "with @pulumi/docker; outside of a repository",
      example: true,
    }),
    arch: field(z.union([z.string(), z.array(z.string()).min(1)]), {
      is: "The CPUs that the image is built for: amd64, arm64, or both.",
      otherwise: "those of the hosts",
      refused: "what is neither",
      example: "amd64",
    }),
    remote: field(z.string(), {
      is: "Builds on another machine with Docker, which this one reaches by its own ssh.",
      otherwise: "the build is made on this machine",
      refused: "what is not ssh://…",
      example: "ssh://build@198.51.100.7",
    }),
    with: field(z.enum(["buildx", "@pulumi/docker"]), {
      is: "What builds: `docker buildx`, or the Image of the package @pulumi/docker, which pushes as well, and knows context, dockerfile, target, args, one arch, and cache of type registry.",
      otherwise:
        "@pulumi/docker for an image in a registry, where the package is installed, one arch is written and no other key is used; else buildx",
      refused: "@pulumi/docker without a registry, without arch, or with other keys",
      example: "buildx",
    }),
    driver: field(z.enum(["docker", "docker-container"]), {
      is: "What builds: the Docker of this machine, or a BuildKit of its own in a container, which keeps 20 GB of cache at most.",
      otherwise: "the builder that is selected (`docker buildx ls`)",
      refused: "docker together with remote",
      example: "docker-container",
    }),
    cache: field(CacheSection, {
      is: "Where layers are kept for builds on other machines. Needs another builder than Docker's own layers.",
      otherwise: "none; the builder has its own",
      example: { type: "registry", image: "ghcr.io/acme/shop-build-cache", options: "mode=max" },
    }),
    provenance: field(attestation, {
      is: "Statement about how the image was made, as of `docker buildx build --provenance`. Only a registry keeps it.",
      default: false,
      example: "mode=max",
    }),
    sbom: field(attestation, {
      is: "List of what is in the image, as of `docker buildx build --sbom`. Only a registry keeps it.",
      default: false,
      example: true,
    }),
  },
  {
    pack: "not supported: build by `pack build` in CI, and write that image with its tag, without builder",
    local: "is not needed: the machine of remote builds for every CPU",
  },
);
export type BuilderInput = z.infer<typeof BuilderSection>;

const ARCHITECTURES: ReadonlySet<string> = new Set(["amd64", "arm64"]);

/** Where the keys of a builder are written. */
export type BuilderPlace = Pick<ConfigPath, "at">;

/** @param secrets those of the config; `undefined`: they are refused already */
export function resolveBuilder(input: BuilderInput, secrets: Secrets | undefined, place: BuilderPlace): Builder {
  const { context = ".", dockerfile, target, ssh, remote, driver } = input;
  if (/^[a-z][a-z+]*:\/\/|^git@/.test(context))
    place.at("context").refuse("should be a folder of the project: a build is compared with its files");
  for (const name of Object.keys(input.args ?? {}))
    if (!isEnvName(name)) place.at("args", name).refuse("should be the name of an ARG: letters, digits and _");
  input.secrets?.forEach((name, at) => {
    secrets?.lookUp(name, place.at("secrets", at), "build");
  });
  if (remote !== undefined && !/^ssh:\/\/[^/\s]+$/.test(remote)) place.at("remote").refuse("should be ssh://user@host");
  if (remote !== undefined && driver === "docker")
    place.at("driver").refuse("docker builds on this machine: remove it, or remote");
  return {
    context,
    args: Object.fromEntries(Object.entries(input.args ?? {}).map(([name, value]) => [name, String(value)])),
    secrets: input.secrets ?? [],
    platforms: resolvePlatforms(input.arch, place.at("arch")),
    provenance: String(input.provenance ?? false),
    sbom: String(input.sbom ?? false),
    ...(dockerfile === undefined ? {} : { dockerfile }),
    ...(target === undefined ? {} : { target }),
    ...(ssh === undefined ? {} : { ssh }),
    ...(remote === undefined ? {} : { remote }),
    ...(driver === undefined ? {} : { driver }),
    ...(input.clean === undefined || input.clean === false ? {} : { clean: input.clean }),
    ...(input.with === undefined ? {} : { with: input.with }),
    ...(input.cache === undefined ? {} : { cache: resolveCache(input.cache, place.at("cache")) }),
  };
}

function resolvePlatforms(arch: string | readonly string[] | undefined, place: ConfigPath): string[] {
  const wanted = arch === undefined ? [] : [arch].flat();
  for (const one of wanted) if (!ARCHITECTURES.has(one)) place.refuse(`${quoted(one)} is not supported: amd64, arm64, or both`);
  return [...new Set(wanted)].map((one) => `linux/${one}`);
}

function resolveCache({ type, image, options }: NonNullable<BuilderInput["cache"]>, place: ConfigPath): BuildCache {
  if (type === undefined) place.at("type").refuse("is required: gha or registry");
  if (type === "gha" && image !== undefined) place.at("image").refuse("is for the type registry");
  if (type === "registry" && image === undefined) place.at("image").refuse("is required: the image of the cache");
  if (image !== undefined && !isReference(image)) place.at("image").refuse(`${quoted(image)} is not an image`);
  return {
    type: type ?? "registry",
    ...(image === undefined ? {} : { image }),
    ...(options === undefined ? {} : { options }),
  };
}

/** Refuses an image that contradicts a build. @param image without digest */
export function refuseUnbuildable(image: string, place: ConfigPath): void {
  if (isFileImage(image)) place.refuse("is a file, and slipway:builder builds the image: remove one of them");
  else if (isEngineImage(image)) place.refuse("is built already, and slipway:builder builds the image: remove one of them");
  else if (repositoryOf(image) !== image)
    place.refuse("has a tag, and slipway:builder builds the image: remove the tag; slipway:version names the release");
}

/** Refuses what the Image of `@pulumi/docker` cannot build, if it is wanted by name. */
export function refuseForPulumi(builder: Builder, image: string, place: BuilderPlace): void {
  if (builder.with !== "@pulumi/docker") return;
  if (isStored(image))
    place.at("with").refuse("@pulumi/docker pushes what it builds: set slipway:image to the image in a registry, without a tag");
  for (const key of unknownToPulumi(builder))
    place
      .at(key)
      .refuse(
        key === "arch"
          ? "is required with @pulumi/docker: one of amd64, arm64"
          : "is not known to @pulumi/docker: remove it, or with",
      );
}
