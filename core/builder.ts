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
  /** `linux/amd64`. Empty: that of the hosts. */
  platforms: z.array(z.string()),
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
export const decisive = ({ target, args, secrets, ssh, platforms, provenance, sbom, dockerfile, context }: Builder) => ({
  context,
  dockerfile,
  target,
  args,
  secrets: [...secrets].sort(),
  ssh,
  platforms: [...platforms].sort(),
  provenance,
  sbom,
});
