import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PushedImage } from "./app.ts";
import { accounts, type DebianFiles, debianImage, environment } from "./debian.ts";
import { goBinaryFile } from "./gobuild.ts";
import type { LabRegistry } from "./registry.ts";

const MODULE = "github.com/moby/buildkit";
const FROM = join(import.meta.dirname, "buildkit");
const BINARIES = ["buildkitd", "buildctl"] as const;
const AUTHORITY = "etc/ssl/certs/ca-certificates.crt";

export interface BuildkitImage extends PushedImage {
  /** @example "v0.34.2" */
  readonly version: string;
}

/**
 * BuildKit like the image `moby/buildkit`, for `docker buildx create --driver docker-container --driver-opt image=…`: without git and
 * emulators of other CPUs. It trusts the lab's CA alone. A new machine builds it for minutes. Call it after `startLab`.
 *
 * @example await buildkitImage(lab.registry)
 */
export async function buildkitImage(registry: LabRegistry): Promise<BuildkitImage> {
  const version = await readVersion();
  const pushed = await debianImage(registry, "moby/buildkit", version, await filesOf(registry, version), {
    Env: environment({}),
    Entrypoint: ["buildkitd"],
    Volumes: { "/var/lib/buildkit": {} },
  });
  return { ...pushed, version };
}

async function filesOf(registry: LabRegistry, version: string): Promise<DebianFiles> {
  const built: Record<string, { readonly from: string; readonly version: string }> = {};
  // one after the other: they share most of their packages
  for (const name of BINARIES) built[`usr/bin/${name}`] = { from: await binary(name, version), version };
  return {
    name: "buildkit",
    suite: "trixie",
    packages: ["runc"],
    files: [
      ...accounts("buildkit", 1000, "/nonexistent"),
      { name: "etc/ssl/certs/", mode: 0o755 },
      { name: AUTHORITY, mode: 0o644, content: await readFile(registry.ca, "utf8") },
    ],
    copied: built,
  };
}

/** buildx asks the binary for its version, and expects a revision in the answer. */
const binary = (name: string, version: string): Promise<string> =>
  goBinaryFile({
    name,
    from: FROM,
    target: `${MODULE}/cmd/${name}`,
    ldflags: `-s -w -X ${MODULE}/version.Version=${version} -X ${MODULE}/version.Revision=lab`,
  });

/** What Go's module file requires. */
async function readVersion(): Promise<string> {
  const mod = await readFile(join(FROM, "go.mod"), "utf8");
  const version = new RegExp(`^\\s*${MODULE} (v\\S+)`, "m").exec(mod)?.[1];
  if (version === undefined) throw new Error(`${FROM}/go.mod does not require ${MODULE}`);
  return version;
}
