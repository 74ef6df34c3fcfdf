import { bundle, type Entry, type Layer, layer } from "./bundle.ts";
import { type GoBuild, goBinary, goBinaryFile, hostArchitecture } from "./gobuild.ts";
import { push } from "./push.ts";
import type { LabRegistry } from "./registry.ts";

/** Behaviour of the test app, off by default. The container's environment can set the same variables. */
export interface AppSwitches {
  /** The answer of `/` and `/version`. Default: the image's tag. */
  readonly VERSION?: string;
  /** Default 3000. */
  readonly PORT?: string;
  readonly BOOT_DELAY_MS?: string;
  /** Exit code, after some log lines, instead of serving. */
  readonly EXIT_AT_BOOT?: string;
  readonly EXIT_AFTER_MS?: string;
  /** "1": /up answers 503. */
  readonly UNHEALTHY?: string;
  readonly UNHEALTHY_AFTER_MS?: string;
  /** Part of a user agent to which /up answers 503. @example "kamal-proxy" */
  readonly UNHEALTHY_FOR?: string;
  /** "1" */
  readonly IGNORE_SIGTERM?: string;
  /** MiB of memory allocated at boot. */
  readonly EAT_MB?: string;
  /** Names of variables, separated by spaces, without which it exits at boot. */
  readonly NEEDS?: string;
  /** `host:port`; it exits at boot if nothing accepts a connection there. */
  readonly DIAL?: string;
  /** Default: every address. */
  readonly HOST?: string;
  /** "1": without HOST it listens on 127.0.0.1. */
  readonly LISTEN_LOCALLY?: string;
  /** "1": /up answers 404. */
  readonly UP_IS_MISSING?: string;
  /** Every other `Host` is answered with 400. */
  readonly ONLY_HOST?: string;
  /** Delay of every answer except /up and /env. */
  readonly SLOW_MS?: string;
  /** Writes a row every 50 ms, as web or worker; `/rows` reports how many were acknowledged and are stored, and the longest gap. */
  readonly DATABASE_URL?: string;
  /** "1": exit at boot if the database does not answer within 1 s. */
  readonly DATABASE_REQUIRED?: string;
  /** `/redis` returns the number of its requests, counted in this Redis. */
  readonly REDIS_URL?: string;
  readonly [other: string]: string | undefined;
}

/** Differences from the default image. */
export interface AppImageOptions {
  /** Default: this machine's. An image for a different CPU is complete, but does not run here. @example "arm64" */
  readonly architecture?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Default `["/app"]`; `["/app", "worker"]` has no port, `["/app", "check"]` requests /up of the running app. */
  readonly cmd?: readonly string[];
  readonly user?: string;
  /** A HEALTHCHECK, run every 200 ms; two failures in a row make it unhealthy. */
  readonly healthcheck?: readonly string[];
  /** Seconds between two runs of the HEALTHCHECK, instead of 0.2. */
  readonly healthcheckInterval?: number;
  /** Additional files. */
  readonly files?: readonly Entry[];
  /** Paths declared as volumes. */
  readonly volumes?: readonly string[];
}

/** An image in the lab's registry. */
export interface PushedImage {
  /** @example "10.0.0.1:5000/shop:v2" */
  readonly ref: string;
  /** Digest of the manifest: `sha256:…`. */
  readonly digest: string;
}

const APP: GoBuild = { name: "app", from: new URL("./app/", import.meta.url).pathname, target: "." };

/** In nanoseconds, as in image configs. */
const HEALTHCHECK_PACE = { Interval: 200e6, Timeout: 1e9, Retries: 2 };

const paceOf = (interval: number | undefined) =>
  interval === undefined ? HEALTHCHECK_PACE : { ...HEALTHCHECK_PACE, Interval: interval * 1e9 };

/** Builds the app for this CPU and a second one ahead of time, so that no test has to. */
export async function ensureApp(): Promise<void> {
  for (const architecture of ["amd64", "arm64"]) await goBinary({ ...APP, architecture });
}

/** Creates an image of the test app and pushes it. @example appImage(registry, "shop", "v2", { EXIT_AT_BOOT: "1" }) */
export async function appImage(
  registry: LabRegistry,
  repository: string,
  tag: string,
  switches: AppSwitches = {},
  {
    architecture = hostArchitecture(),
    labels = {},
    cmd = ["/app"],
    user,
    healthcheck,
    healthcheckInterval,
    files = [],
    volumes,
  }: AppImageOptions = {},
): Promise<PushedImage> {
  const env = Object.entries({ VERSION: tag, ...switches }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const contents = await (files.length === 0 ? plainLayer(architecture) : appLayer(architecture, files));
  const config = {
    Env: ["PATH=/", ...env],
    Cmd: cmd,
    Labels: labels,
    ...(user === undefined ? {} : { User: user }),
    ...(volumes === undefined ? {} : { Volumes: Object.fromEntries(volumes.map((path) => [path, {}])) }),
    ...(healthcheck === undefined ? {} : { Healthcheck: { Test: ["CMD", ...healthcheck], ...paceOf(healthcheckInterval) } }),
  };
  const digest = await push(registry, repository, tag, bundle(contents, config, architecture));
  return { ref: `${registry.server}/${repository}:${tag}`, digest };
}

/** The file of the app's program. */
export const appProgram = (architecture: string = hostArchitecture()): Promise<string> => goBinaryFile({ ...APP, architecture });

const plainLayers = new Map<string, Promise<Layer>>();

/** The layer that most images share, packed once per process. */
export function plainLayer(architecture: string = hostArchitecture()): Promise<Layer> {
  const known = plainLayers.get(architecture);
  if (known !== undefined) return known;
  const packed = appLayer(architecture, []);
  plainLayers.set(architecture, packed);
  return packed;
}

async function appLayer(architecture: string, files: readonly Entry[]): Promise<Layer> {
  const content = await goBinary({ ...APP, architecture });
  return layer([{ name: "tmp/", mode: 0o1777 }, { name: "app", mode: 0o755, content }, ...files]);
}
