import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import { linesOf, parseJson } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";
import { docker } from "../docker-command.ts";
import { BUILDX, DOCKER, missing } from "../missing-tool.ts";
import { APP_UNCHANGED } from "../unchanged.ts";

/** What builds on this machine. */
export interface Tools {
  /** Where the engine keeps images. */
  readonly store: "containerd" | "layers";
  /** Of the builder that is selected: `docker` is the engine itself. */
  readonly selected: string;
}

/** What of `docker info` is needed. An engine that does not answer is an error in it, not of the command. */
const Info = z.object({
  ServerErrors: z.array(z.string()).nullish(),
  DriverStatus: z.array(z.tuple([z.string(), z.string()])).nullish(),
  ClientInfo: z.object({ Plugins: z.array(z.object({ Name: z.string() })).nullish() }).nullish(),
});

const TIMEOUT: Seconds = 30;
const CONTAINERD = "io.containerd.snapshotter.v1";

interface Circumstances {
  /** It says how something is installed. Default: this machine's. */
  readonly system?: NodeJS.Platform;
  /** Whether the engine has to answer. Default: true. */
  readonly isEngineNeeded?: boolean;
  readonly timeout?: Seconds;
}

/**
 * What this machine has to build with. Rejects with what is missing and how to install it.
 *
 * @param env of the process: it says where the engine is
 */
export async function findTools(
  env: NodeJS.ProcessEnv,
  { system = process.platform, isEngineNeeded = true, timeout = TIMEOUT }: Circumstances = {},
): Promise<Tools> {
  const deadline = Deadline.in(timeout);
  const [info, inspected] = await Promise.all([
    docker(["info", "--format", "{{json .}}"], { env, deadline }),
    docker(["buildx", "inspect"], { env, deadline }),
  ]).catch((thrown: unknown) => {
    throw deadline.passed ? noEngine([`no answer in ${timeout} s`]) : thrown;
  });
  if (info.code === "missing") throw missing("docker is missing on this machine, and slipway:builder needs it", DOCKER, system);
  const known = Info.safeParse(parseJson(info.stdout));
  const { ServerErrors: errors, DriverStatus: status, ClientInfo: client } = known.success ? known.data : {};
  if (client?.Plugins?.some(({ Name }) => Name === "buildx") !== true && inspected.code !== 0)
    throw missing("docker has no buildx on this machine, and slipway:builder needs it", BUILDX, system);
  const selected = /^Driver:\s+(?<driver>\S+)/m.exec(inspected.stdout)?.groups?.driver ?? "docker";
  const isAnswer = known.success && info.code === 0 && (errors ?? []).length === 0;
  if (isEngineNeeded && selected === "docker" && !isAnswer) throw noEngine([...(errors ?? []), ...linesOf(info.stderr)]);
  const isContainerd = (status ?? []).some(([name, value]) => name === "driver-type" && value === CONTAINERD);
  return { store: isContainerd ? "containerd" : "layers", selected };
}

const noEngine = (evidence: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "BUILD_FAILED",
    what: "the Docker of this machine, which builds the image, does not answer",
    evidence,
    servesNow: APP_UNCHANGED,
    next: "start Docker (docker info shows whether it answers), then run the command again",
  });
