import type { Deadline } from "../core/deadline.ts";
import type { Connection } from "./connection.ts";
import type { Docker } from "./docker.ts";
import { type ContainerFolder, contentOf } from "./docker-archive.ts";
import { run } from "./run.ts";

/**
 * $1 from, $2 to, as `docker cp` has them. A shell tells only how the end of a pipe went, so the exit code of its beginning goes
 * around it. Nothing is copied where there is no docker command: exit code 127.
 */
const SCRIPT = `
command -v docker >/dev/null || exit 127
read=$({ { docker cp "$1" - 3>&-; echo $? >&3; } | docker cp - "$2" >/dev/null 3>&-; } 3>&1) && exit "$read"
`;
const NO_DOCKER_COMMAND = 127;

/** Copies on the host itself; through our line only where the host has no docker command. */
export async function copy(
  connection: Connection,
  docker: Docker,
  from: ContainerFolder,
  to: ContainerFolder,
  deadline: Deadline,
): Promise<void> {
  const places = [`${from.container}:${contentOf(from)}`, `${to.container}:${to.path}`];
  // What a run leaves behind when its line is cut would hold Docker's locks on both containers for ever.
  const limit = String(Math.max(1, Math.ceil(deadline.remaining / 1000)));
  const { code, stderr } = await run(connection, ["timeout", limit, "sh", "-c", SCRIPT, "slipway-copy", ...places], { deadline });
  if (code === NO_DOCKER_COMMAND) return docker.copy(from, to, deadline);
  if (code !== 0) throw notCopied(connection.host, from, to, stderr.trim() || `exit code ${code}`);
}

const notCopied = (host: string, from: ContainerFolder, to: ContainerFolder, why: string): Error =>
  new Error(`${host}: ${from.container}:${from.path} was not copied to ${to.container}:${to.path}: ${why}`);
