import { z } from "zod";

/** Where a build takes layers from, and leaves them for the next one. */
export const BuildCache = z.object({
  type: z.enum(["gha", "registry"]),
  /** Of `registry`: the name under which it is kept. */
  image: z.string().optional(),
  /** Further settings of the cache that is written, as BuildKit has them: `mode=max`. */
  options: z.string().optional(),
});
export type BuildCache = z.infer<typeof BuildCache>;

/** How an image is built. Paths are relative to the project's folder. */
export const Builder = z.object({
  context: z.string(),
  /** Absent: `Dockerfile` in the context. */
  dockerfile: z.string().optional(),
  target: z.string().optional(),
  args: z.record(z.string(), z.string()),
  /** Names of secrets that the Dockerfile mounts; the values are nowhere in the image, nor in what decides a build. */
  secrets: z.array(z.string()),
  /** As of `docker buildx build --ssh`: `default`. */
  ssh: z.string().optional(),
  /** Builds the commit, not the folder. `true`: only if nothing else is in the folder; `commit`: whatever else is. Absent: the folder. */
  clean: z.union([z.literal(true), z.literal("commit")]).optional(),
  /** `linux/amd64`. Empty: that of the hosts. */
  platforms: z.array(z.string()),
  /** What builds. Absent: `@pulumi/docker` where it is installed and knows all that is written, else `buildx`. */
  with: z.enum(["buildx", "@pulumi/docker"]).optional(),
  /** Absent: the builder that is selected on this machine. */
  driver: z.enum(["docker", "docker-container"]).optional(),
  /** Builds on another machine: `ssh://build@198.51.100.7`. */
  remote: z.string().optional(),
  cache: BuildCache.optional(),
  /** Statements about the build, beside the image: `false`, `true`, `mode=max`. */
  provenance: z.string(),
  sbom: z.string(),
});
export type Builder = z.infer<typeof Builder>;

/** What decides an image, besides the content of its files: two builds with the same of it make the same. */
export const decisive = ({ target, args, secrets, ssh, platforms, provenance, sbom, dockerfile, context, clean }: Builder) => ({
  context,
  dockerfile,
  target,
  args,
  secrets: [...secrets].sort(),
  ssh,
  platforms: [...platforms].sort(),
  provenance,
  sbom,
  // Files of a commit are compared by git's ids. Absent otherwise: builds of a folder are known under what they were noted as before.
  clean: clean === undefined ? undefined : true,
});

/**
 * The keys of a builder that the `Image` of `@pulumi/docker` does not know; empty: it can build it. It builds for one CPU, which has to be
 * written: it knows no hosts.
 */
export function unknownToPulumi({ clean, secrets, ssh, platforms, driver, remote, cache, provenance, sbom }: Builder): string[] {
  const keys: Readonly<Record<string, boolean>> = {
    clean: clean !== undefined,
    secrets: secrets.length > 0,
    ssh: ssh !== undefined,
    arch: platforms.length !== 1,
    driver: driver !== undefined,
    remote: remote !== undefined,
    cache: cache !== undefined && (cache.type !== "registry" || cache.options !== undefined),
    provenance: provenance !== "false",
    sbom: sbom !== "false",
  };
  return Object.entries(keys).flatMap(([key, isUsed]) => (isUsed ? [key] : []));
}
