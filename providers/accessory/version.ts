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

/** The server's program; the first one that the image has is run. */
const PROGRAMS: Readonly<Record<PresetName, readonly string[]>> = {
  postgres: ["postgres"],
  mysql: ["mysqld"],
  mariadb: ["mariadbd", "mysqld"],
  redis: ["redis-server"],
  valkey: ["valkey-server", "redis-server"],
};

/** Which data a server can read, by the major version that wrote it. */
const READS: Readonly<Record<PresetName, "its own major" | "the same or older">> = {
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
      `${host.name}: the version of ${inputs.image} is unknown; whether it can read data of ${preset} ${wrote} was not checked`,
    );
    return;
  }
  if (canRead(preset, wrote, reads)) return;
  throw unreadable(inputs, wrote, reads, host, servesNow);
}

/** @example canRead("postgres", "16", "17.2") // false */
export function canRead(preset: PresetName, wrote: string, reads: string): boolean {
  const [then, now] = [majorOf(preset, wrote), majorOf(preset, reads)];
  return READS[preset] === "its own major" ? compare(then, now) === 0 : compare(then, now) <= 0;
}

/** In MySQL before 9 and PostgreSQL before 10, the major version is two numbers: 8.4, 9.6. */
function majorOf(preset: PresetName, version: string): number[] {
  const [first = 0, second = 0] = version.split(".").map(Number);
  const two = (preset === "mysql" && first < 9) || (preset === "postgres" && first < 10);
  return two ? [first, second] : [first];
}

const compare = ([a = 0, b = 0]: readonly number[], [c = 0, d = 0]: readonly number[]): number => a - c || b - d;

/** @example versionIn("postgres (PostgreSQL) 16.4 (Debian 16.4-1)") // "16.4" */
export const versionIn = (text: string): string | undefined => /(?:\bv=|\bVer\s+|\)\s+)(\d+(?:\.\d+)*)/.exec(text)?.[1];

const DEFAULT_DATA = "/var/lib/postgresql/data";
const SINCE_18 = "/var/lib/postgresql";

/** The PostgreSQL version in the data of a container; `undefined` if there is no data yet. */
async function dataVersion({ id, env }: Container, { docker }: Host): Promise<string | undefined> {
  const folder = env.find((entry) => entry.startsWith("PGDATA="))?.slice("PGDATA=".length) ?? DEFAULT_DATA;
  const places = [...new Set([folder, DEFAULT_DATA])].map((path) => `${path}/PG_VERSION`);
  const found = await Promise.all([...places, ...FILES_SINCE_18].map((path) => docker.readFile(id, path)));
  return found
    .find((file) => file !== undefined)
    ?.toString("utf8")
    .trim();
}

/** Since PostgreSQL 18, the image keeps the data of each major version in its own folder. */
const FILES_SINCE_18 = Array.from({ length: 8 }, (_, at) => `${SINCE_18}/${18 + at}/docker/PG_VERSION`);

/** The version that the server in an image prints. */
async function programVersion(
  inputs: AccessoryInputs,
  preset: PresetName,
  image: string,
  host: Host,
): Promise<string | undefined> {
  for (const program of PROGRAMS[preset]) {
    const text = await runOnce(inputs, image, program, host);
    const version = text === undefined ? undefined : versionIn(text);
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
    // Its anonymous volumes were created with it and are empty.
    await docker.remove(id, { force: true, anonymousVolumes: true });
  }
}

function unreadable(inputs: AccessoryInputs, wrote: string, reads: string, host: Host, servesNow: string): SlipwayError {
  const { accessory, preset = "", image } = inputs;
  const upgrade = preset === "postgres" ? ", or upgrade the data by hand with pg_upgrade" : "";
  const isBack = READS[inputs.preset ?? "postgres"] === "the same or older";
  return new SlipwayError({
    code: "ACCESSORY_DATA_AT_RISK",
    what: `${accessory}: ${image} is ${preset} ${reads}, and the data was written by ${preset} ${wrote}, which it ${isBack ? "is too old to read" : "cannot read"}; nothing was stopped`,
    host: host.name,
    servesNow,
    next: `keep the image of ${wrote}; to go to ${reads}: slipway backup run ${accessory}, add an accessory with the new image and a backup beside it (slipway:accessories.NEW), slipway backup restore ${accessory} --into NEW, point the app at it, then remove ${accessory}${upgrade}`,
  });
}
