import type { PresetName } from "../../core/accessory/preset.ts";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { ConnectionLost, type Container, DockerRefusal, type Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { LABEL } from "./container.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { helperOf } from "./plan.ts";

/** `postgres --version` takes milliseconds, but loading it from a cold disk takes longer. */
const VERSION_TIMEOUT: Seconds = 30;

/** The server's own program: the first that the image has is asked. An image may hold another server that takes over its data. */
const PROGRAMS: Readonly<Record<PresetName, readonly string[]>> = {
  postgres: ["postgres"],
  mysql: ["mysqld", "mariadbd"],
  mariadb: ["mariadbd", "mysqld"],
  redis: ["redis-server", "valkey-server"],
  valkey: ["valkey-server", "redis-server"],
};

/** A server and its version, as its program prints them. */
export interface ServerVersion {
  readonly kind: PresetName;
  readonly version: string;
}

/** What a server does with data of another major version. */
const TAKES: Readonly<Record<PresetName, "its own major" | "the same or older">> = {
  postgres: "its own major",
  mysql: "its own major",
  mariadb: "its own major",
  redis: "the same or older",
  valkey: "the same or older",
};

/** The two containers to compare. */
export interface Comparison {
  /** The container that is replaced; without one, the data is what the candidate mounts. */
  readonly old: Container | undefined;
  readonly candidate: Container;
}

/**
 * Refuses an image whose server cannot read the existing data, before anything is stopped. The version that wrote the data is read from
 * the data itself if possible, or else from the program that wrote it.
 */
export async function requireReadable(
  inputs: AccessoryInputs,
  { old, candidate }: Comparison,
  host: Host,
  run: Run,
  servesNow: string,
): Promise<void> {
  const { preset } = inputs;
  if (preset === undefined || old?.imageId === candidate.imageId) return;
  const wrote =
    preset === "postgres"
      ? await dataVersion(old ?? candidate, host)
      : old && (await programVersion(inputs, preset, old.imageId, host));
  if (wrote === undefined) return;
  const reads = await programVersion(inputs, preset, candidate.imageId, host);
  if (reads === undefined) {
    run.report.warn(
      `${host.name}: ${inputs.image} does not print its version; whether it can read data of ${wrote.kind} ${wrote.version} was not checked`,
    );
    return;
  }
  if (canRead(wrote, reads)) return;
  throw otherMajor(inputs, wrote, reads, host, servesNow);
}

/** @example canRead({ kind: "postgres", version: "16" }, { kind: "postgres", version: "17.2" }) // false */
export function canRead(wrote: ServerVersion, reads: ServerVersion): boolean {
  if (wrote.kind !== reads.kind) return takesOver(wrote, reads);
  const [then, now] = [majorOf(wrote), majorOf(reads)];
  return TAKES[reads.kind] === "its own major" ? compare(then, now) === 0 : compare(then, now) <= 0;
}

/** Valkey began as Redis 7.2: neither reads the format that the other has written since (Redis from 7.4 on, Valkey from 9 on). */
function takesOver(wrote: ServerVersion, reads: ServerVersion): boolean {
  const [first = 0, second = 0] = wrote.version.split(".").map(Number);
  if (reads.kind === "valkey") return compare([first, second], [7, 2]) <= 0;
  return wrote.kind === "valkey" && first < 9 && compare(majorOf(wrote), majorOf(reads)) <= 0;
}

/** MySQL 5 and 8.0, 8.4 … and PostgreSQL before 10 count two numbers as one. */
function majorOf({ kind, version }: ServerVersion): number[] {
  const [first = 0, second = 0] = version.split(".").map(Number);
  const two = (kind === "mysql" && first < 9) || (kind === "postgres" && first < 10);
  return two ? [first, second] : [first];
}

const compare = ([a = 0, b = 0]: readonly number[], [c = 0, d = 0]: readonly number[]): number => a - c || b - d;

/** @example versionIn("redis", "Valkey server v=8.1.1 sha=00000000:0") // { kind: "valkey", version: "8.1.1" } */
export function versionIn(preset: PresetName, text: string): ServerVersion | undefined {
  const version = /(?:\bv=|\bVer\s+|\)\s+)(\d+(?:\.\d+)*)/.exec(text)?.[1];
  const kind = KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? preset;
  return version === undefined ? undefined : { kind, version };
}

const KINDS: readonly (readonly [RegExp, PresetName])[] = [
  [/^Valkey /m, "valkey"],
  [/^Redis /m, "redis"],
  [/MariaDB/, "mariadb"],
  [/\bVer\s/, "mysql"],
];

const DEFAULT_DATA = "/var/lib/postgresql/data";
const SINCE_18 = "/var/lib/postgresql";

/** The version that PostgreSQL noted in the data of a container; `undefined`: no data yet. */
async function dataVersion({ id, env }: Container, { docker }: Host): Promise<ServerVersion | undefined> {
  const folder = env.find((entry) => entry.startsWith("PGDATA="))?.slice("PGDATA=".length) ?? DEFAULT_DATA;
  const places = [...new Set([folder, DEFAULT_DATA])].map((path) => `${path}/PG_VERSION`);
  const found = await Promise.all([...places, ...FILES_SINCE_18].map((path) => docker.readFile(id, path)));
  const version = found
    .find((file) => file !== undefined)
    ?.toString("utf8")
    .trim();
  return version === undefined ? undefined : { kind: "postgres", version };
}

/** Since PostgreSQL 18, the image keeps the data of each major version in its own folder. */
const FILES_SINCE_18 = Array.from({ length: 8 }, (_, at) => `${SINCE_18}/${18 + at}/docker/PG_VERSION`);

/** The version that the server in an image prints. */
async function programVersion(
  inputs: AccessoryInputs,
  preset: PresetName,
  image: string,
  host: Host,
): Promise<ServerVersion | undefined> {
  for (const program of PROGRAMS[preset]) {
    const text = await runOnce(inputs, image, program, host);
    const version = text === undefined ? undefined : versionIn(preset, text);
    if (version !== undefined) return version;
  }
  return undefined;
}

const BAD_PROGRAM: ReadonlySet<number> = new Set([400, 404, 500]);

/** Runs a program in a temporary container, without network and without the accessory's data. */
async function runOnce(inputs: AccessoryInputs, image: string, program: string, { docker }: Host): Promise<string | undefined> {
  const { id } = await docker.create(helperOf(inputs), {
    Image: image,
    Entrypoint: [program],
    Cmd: ["--version"],
    Labels: { [LABEL.helper]: inputs.container, [LABEL.stack]: inputs.stack },
    HostConfig: { NetworkMode: "none", RestartPolicy: { Name: "no" } },
  });
  const over = new AbortController();
  try {
    const ended = docker.exited(id, over.signal);
    ended.catch(() => {});
    await docker.start(id);
    const late = () => new Error(`${program} --version did not end within ${VERSION_TIMEOUT} s`);
    const { code } = await Deadline.in(VERSION_TIMEOUT).race(ended, late);
    return code === 0 ? (await docker.lastLogs(id, 5)).join("\n") : undefined;
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    if (thrown instanceof DockerRefusal && BAD_PROGRAM.has(thrown.statusCode)) return undefined;
    throw new Error(`the version of ${inputs.image} could not be read: ${messageOf(thrown)}`, { cause: thrown });
  } finally {
    over.abort();
    // Its volumes were made with it and are unused.
    await docker.remove(id, { force: true, anonymousVolumes: true });
  }
}

function otherMajor(
  { accessory, image }: AccessoryInputs,
  wrote: ServerVersion,
  reads: ServerVersion,
  host: Host,
  servesNow: string,
): SlipwayError {
  const [old, now] = [wrote, reads].map(({ kind, version }) => `${kind} ${version}`);
  const isSame = wrote.kind === reads.kind;
  const cannot = isSame && TAKES[reads.kind] === "the same or older" ? "is too old to read" : "cannot read";
  const upgrade = reads.kind === "postgres" ? ", or upgrade the data by hand with pg_upgrade" : "";
  return new SlipwayError({
    code: "ACCESSORY_DATA_AT_RISK",
    what: `${accessory}: ${image} is ${now}, and the data was written by ${old}, which it ${cannot}; nothing was stopped`,
    host: host.name,
    servesNow,
    next: isSame
      ? `keep the image of ${wrote.version}; to go to ${reads.version}: slipway backup run ${accessory}, add an accessory with the new image and a backup beside it (slipway:accessories.NEW), slipway backup restore ${accessory} --into NEW, point the app at it, then remove ${accessory}${upgrade}`
      : `keep the image of ${old}; ${reads.kind} does not read a backup of it either: copy the data with a client of both`,
  });
}
