import type { Builder } from "../../core/builder.ts";

/** Where the result of a build goes. */
export type Output =
  /** Into an OCI layout, the folder of which may have blobs already. */
  | { readonly to: "layout"; readonly folder: string }
  /** Into the engine that builds, under a name. */
  | { readonly to: "engine"; readonly name: string }
  /** Into a registry, under a name with a tag. */
  | { readonly to: "registry"; readonly name: string };

/** One build, with all paths absolute. */
export interface Build {
  readonly builder: Builder;
  readonly context: string;
  readonly dockerfile: string;
  readonly output: Output;
  /** The builder that is used; `undefined`: the one that is selected. */
  readonly instance: string | undefined;
  /** `linux/amd64`; empty: the builder's own. */
  readonly platforms: readonly string[];
  /** The file that gets the digests. */
  readonly metadata: string;
}

/**
 * The arguments of `docker`. The value of a secret is passed in the environment, as `secretVariable` names it. Pure.
 *
 * @example buildArguments({ … }) // ["buildx", "build", "--progress", "plain", …, "/project"]
 */
export function buildArguments({ builder, context, dockerfile, output, instance, platforms, metadata }: Build): string[] {
  const { target, args, secrets, ssh, cache, provenance, sbom } = builder;
  return [
    ...["buildx", "build", "--progress", "plain", "--metadata-file", metadata],
    ...(instance === undefined ? [] : ["--builder", instance]),
    ...(platforms.length === 0 ? [] : ["--platform", platforms.join(",")]),
    ...["--file", dockerfile],
    ...(target === undefined ? [] : ["--target", target]),
    ...Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    ...secrets.flatMap((name) => ["--secret", `id=${name},env=${secretVariable(name)}`]),
    ...(ssh === undefined ? [] : ["--ssh", ssh]),
    ...cacheArguments(cache),
    // Where an engine keeps no statements, it refuses to be asked for them.
    ...(output.to === "engine" ? [] : ["--provenance", provenance, "--sbom", sbom]),
    ...outputArguments(output),
    context,
  ];
}

function outputArguments(output: Output): string[] {
  switch (output.to) {
    case "layout":
      return ["--output", `type=oci,tar=false,"dest=${output.folder.replaceAll('"', '""')}"`];
    case "engine":
      return ["--output", "type=docker", "--tag", output.name];
    case "registry":
      return ["--output", "type=registry", "--tag", output.name];
  }
}

function cacheArguments(cache: Builder["cache"]): string[] {
  if (cache === undefined) return [];
  const { type, image, options } = cache;
  const place = [`type=${type}`, ...(image === undefined ? [] : [`ref=${image}`])];
  return ["--cache-from", place.join(","), "--cache-to", [...place, ...(options === undefined ? [] : [options])].join(",")];
}

/** The variable of a secret in the environment of `docker`: it has to collide with none that `docker` reads. */
export const secretVariable = (name: string): string => `SLIPWAY_BUILD_SECRET_${name}`;
