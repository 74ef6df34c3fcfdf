import { readFile } from "node:fs/promises";
import type { PushedImage } from "./app.ts";
import { accounts, type DebianFiles, debianImage, environment, type Suite } from "./debian.ts";
import type { DatabaseImage } from "./postgres.ts";
import type { LabRegistry } from "./registry.ts";

/** The major version that Debian has, and where. */
const SUITES = { "8": "trixie" } as const satisfies Readonly<Record<string, Suite>>;

export type RedisMajor = keyof typeof SUITES;

const USER = 999; // as in the official image
export const REDIS_DATA = "/data";
const TOOLS = ["coreutils", "dash", "findutils", "grep", "libc-bin", "util-linux"];
const ENTRYPOINTS = { whole: "docker-entrypoint.sh", broken: "broken.sh" } as const;

/**
 * Real Redis by the official image's contract: a volume at /data, its own user, open to its network, arguments to the server. Call it
 * after `startLab`.
 *
 * @example await redisImage(lab.registry, { tag: "8.0" })
 */
export async function redisImage(
  registry: LabRegistry,
  { tag, major = "8", env = {}, labels = {}, state = "whole" }: DatabaseImage<RedisMajor>,
): Promise<PushedImage> {
  return debianImage(registry, "redis", tag, await filesOf(major), {
    Env: environment({ REDIS_VERSION: tag, ...env }),
    Entrypoint: [ENTRYPOINTS[state]],
    Cmd: ["redis-server"],
    WorkingDir: REDIS_DATA,
    Volumes: { [REDIS_DATA]: {} },
    ExposedPorts: { "6379/tcp": {} },
    Labels: labels,
  });
}

async function filesOf(major: RedisMajor): Promise<DebianFiles> {
  const script = (name: string) => readFile(new URL(`redis/${name}`, import.meta.url), "utf8");
  return {
    name: `redis-${major}`,
    suite: SUITES[major],
    packages: ["redis-server", ...TOOLS],
    files: [
      ...accounts("redis", USER, REDIS_DATA),
      { name: "data/", mode: 0o755, uid: USER, gid: USER },
      { name: "usr/local/bin/docker-entrypoint.sh", mode: 0o755, content: await script("entrypoint.sh") },
      { name: "usr/local/bin/broken.sh", mode: 0o755, content: await script("broken.sh") },
    ],
  };
}
