import type { PresetName } from "../../core/accessory/preset.ts";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { ConnectionLost, type Container, DockerRefusal, type Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { LABEL } from "./container.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { helperOf } from "./plan.ts";

/** `postgres --version` takes milliseconds; a cold disk takes its time to load it. */
const PATIENCE: Seconds = 30;

/** The server's own program: the first that the image has is asked. */
const PROGRAMS: Readonly<Record<PresetName, readonly string[]>> = {
  postgres: ["postgres"],
  mysql: ["mysqld"],
  mariadb: ["mariadbd", "mysqld"],
  redis: ["redis-server"],
  valkey: ["valkey-server", "redis-server"],
};

/** What a server does with data of another major version. */
const TAKES: Readonly<Record<PresetName, "its own major" | "the same or older">> = {
  postgres: "its own major",
  mysql: "its own major",
  mariadb: "its own major",
  redis: "the same or older",
  valkey: "the same or older",
};

/** What is compared. */
export interface Comparison {
  /** The container that is replaced; none: the data is what the candidate has mounted. */
  readonly old: Container | undefined;
  readonly candidate: Container;
}

/**
 * Refuses an image whose server cannot read the data that is there. Nothing has been stopped by then. Who wrote the data is read
 * from the data itself where it says so, else asked of the program that wrote it.
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
      `${host.name}: ${inputs.image} does not tell its version; that it can read data of ${preset} ${wrote} was not checked`,
    );
    return;
  }
  if (canRead(preset, wrote, reads)) return;
  throw otherMajor(inputs, wrote, reads, host, servesNow);
}

/** @example canRead("postgres", "16", "17.2") // false */
export function canRead(preset: PresetName, wrote: string, reads: string): boolean {
  const [then, now] = [majorOf(preset, wrote), majorOf(preset, reads)];
  return TAKES[preset] === "its own major" ? compare(then, now) === 0 : compare(then, now) <= 0;
}

/** MySQL 5 and 8.0, 8.4 … and PostgreSQL before 10 count two numbers as one. */
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

/** Which PostgreSQL made the data of a container, by its own note; `undefined`: there is none yet. */
async function dataVersion({ id, env }: Container, { docker }: Host): Promise<string | undefined> {
  const folder = env.find((entry) => entry.startsWith("PGDATA="))?.slice("PGDATA=".length) ?? DEFAULT_DATA;
  const places = [...new Set([folder, DEFAULT_DATA])].map((path) => `${path}/PG_VERSION`);
  const found = await Promise.all([...places, ...OF_MAJORS].map((path) => docker.readFile(id, path)));
  return found
    .find((file) => file !== undefined)
    ?.toString("utf8")
    .trim();
}

/** From PostgreSQL 18 on, the image keeps the data of each major version beside that of the others. */
const OF_MAJORS = Array.from({ length: 8 }, (_, at) => `${SINCE_18}/${18 + at}/docker/PG_VERSION`);

/** What the server in an image says of itself. */
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

/** A container of no use but this: it has no network, and what it mounts is its own. */
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
    const late = () => new Error(`${program} --version did not end within ${PATIENCE} s`);
    const { code } = await Deadline.in(PATIENCE).race(ended, late);
    return code === 0 ? (await docker.lastLogs(id, 5)).join("\n") : undefined;
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    if (thrown instanceof DockerRefusal && BAD_PROGRAM.has(thrown.statusCode)) return undefined;
    throw new Error(`the version of ${inputs.image} could not be asked: ${messageOf(thrown)}`, { cause: thrown });
  } finally {
    over.abort();
    // Its volumes are made with it, and nobody has ever written into them.
    await docker.remove(id, { force: true, anonymousVolumes: true });
  }
}

function otherMajor(inputs: AccessoryInputs, wrote: string, reads: string, host: Host, servesNow: string): SlipwayError {
  const { accessory, preset = "", image } = inputs;
  const upgrade = preset === "postgres" ? ", or upgrade the data by hand with pg_upgrade" : "";
  const isBack = TAKES[inputs.preset ?? "postgres"] === "the same or older";
  return new SlipwayError({
    what: `${accessory}: ${image} is ${preset} ${reads}, and the data is of ${preset} ${wrote}, which it ${isBack ? "is too old to read" : "cannot read"}; nothing was stopped`,
    host: host.name,
    servesNow,
    next: `keep the image of ${wrote}; to go to ${reads}: slipway backup run ${accessory}, add an accessory with the new image and a backup beside it (slipway:accessories.NEW), slipway backup restore ${accessory} --into NEW, point the app at it, then remove ${accessory}${upgrade}`,
  });
}
