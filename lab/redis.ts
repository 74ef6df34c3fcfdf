import type { PushedImage } from "./app.ts";
import type { Suite } from "./apt.ts";
import { type DatabaseImage, ENTRYPOINTS, entrypoints, USER } from "./database.ts";
import { accounts, type DebianFiles, debianImage, environment } from "./debian.ts";
import type { LabRegistry } from "./registry.ts";

/** The major versions that Debian has, and where. */
const SUITES = {
  redis: { "7": "bookworm", "8": "trixie" },
  valkey: { "8": "trixie" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Suite>>>>;

export type RedisMajor = keyof typeof SUITES.redis;
export type ValkeyMajor = keyof typeof SUITES.valkey;

export const REDIS_DATA = "/data";
/** One script of Redis 7's tools needs them. */
const WITHOUT = ["libperl", "libfile-find-rule-perl", "libnumber-compare-perl", "libtext-glob-perl", "libgdbm"];
const TOOLS = ["coreutils", "dash", "findutils", "grep", "libc-bin", "util-linux"];

/**
 * Real Redis by the official image's contract: a volume at /data, its own user, open to its network, arguments to the server. Call it
 * after `startLab`.
 *
 * @example await redisImage(lab.registry, { tag: "8.0" })
 */
export const redisImage = (registry: LabRegistry, { major = "8", ...image }: DatabaseImage<RedisMajor>): Promise<PushedImage> =>
  pushed(registry, { name: "redis", major, suite: SUITES.redis[major] }, image);

/** Real Valkey: its official image has the same contract with its own names. @example await valkeyImage(lab.registry, { tag: "8.1" }) */
export const valkeyImage = (registry: LabRegistry, { major = "8", ...image }: DatabaseImage<ValkeyMajor>): Promise<PushedImage> =>
  pushed(registry, { name: "valkey", major, suite: SUITES.valkey[major] }, image);

interface Server {
  readonly name: keyof typeof SUITES;
  readonly major: string;
  readonly suite: Suite;
}

async function pushed(
  registry: LabRegistry,
  server: Server,
  { tag, env = {}, labels = {}, state = "whole" }: Omit<DatabaseImage<string>, "major">,
): Promise<PushedImage> {
  const { name } = server;
  return debianImage(registry, name, tag, await filesOf(server), {
    Env: environment({ [`${name.toUpperCase()}_VERSION`]: tag, ...env }),
    Entrypoint: [ENTRYPOINTS[state]],
    Cmd: [`${name}-server`],
    WorkingDir: REDIS_DATA,
    Volumes: { [REDIS_DATA]: {} },
    ExposedPorts: { "6379/tcp": {} },
    Labels: labels,
  });
}

const filesOf = async ({ name, major, suite }: Server): Promise<DebianFiles> => ({
  name: `${name}-${major}`,
  suite,
  packages: [`${name}-server`, ...TOOLS],
  without: WITHOUT,
  files: [
    ...accounts(name, USER, REDIS_DATA),
    { name: "data/", mode: 0o755, uid: USER, gid: USER },
    ...(await entrypoints("redis", (script) => script.replaceAll("redis", name))),
  ],
});
