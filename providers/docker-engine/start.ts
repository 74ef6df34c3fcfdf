import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import { linesOf } from "../../core/text.ts";
import type { Seconds } from "../../core/words.ts";
import { ConnectionLost, DockerUnavailable, type Host } from "../../hosts/index.ts";
import type { Root } from "./root.ts";

/** Docker with many containers and a slow disk takes seconds to start; systemd does not wait longer either. */
const START_TIMEOUT: Seconds = 90;

/** Starts Docker now and at every boot. */
export async function startDocker(host: Host, root: Root): Promise<void> {
  const { code, stderr } = await root.run(["systemctl", "enable", "--now", "docker"], START_TIMEOUT);
  if (code !== 0 || !(await startsInTime(host))) throw await notStarted(host, root, stderr);
}

/** Whether Docker answers in time, or refuses us and would answer others. */
export async function startsInTime(host: Host): Promise<boolean> {
  const deadline = Deadline.in(START_TIMEOUT);
  const late = new Error("Docker did not start in time");
  try {
    await deadline.until(
      () => isUp(host),
      () => late,
    );
    return true;
  } catch (thrown) {
    if (thrown !== late) throw thrown;
    return false;
  }
}

async function isUp(host: Host): Promise<true | undefined> {
  const before = host.lastLoss;
  try {
    await host.docker.version();
    return true;
  } catch (thrown) {
    if (thrown instanceof DockerUnavailable && thrown.kind === "forbidden") return true;
    const starts = thrown instanceof DockerUnavailable && thrown.kind === "stopped";
    // Docker ended during the request; the connection to the host is fine, and was not lost before it with the lease.
    const ends = thrown instanceof ConnectionLost && thrown !== host.lastLoss && host.lastLoss === before;
    if (!starts && !ends) throw thrown;
    return undefined;
  }
}

/** The end of Docker's log. */
export async function lastLogLines(root: Root): Promise<string[]> {
  const { stdout } = await root.run(["journalctl", "--unit=docker", "--lines=5", "--no-pager", "--output=cat"]);
  return linesOf(stdout);
}

const notStarted = async (host: Host, root: Root, stderr: string): Promise<SlipwayError> =>
  new SlipwayError({
    code: "DOCKER_START_FAILED",
    what: "Docker does not start",
    host: host.name,
    evidence: [...stderr.trim().split("\n"), ...(await lastLogLines(root))].filter((line) => line !== ""),
    servesNow: `nothing on ${host.name}: its Docker does not run`,
    next: "fix what the evidence shows (on the host: systemctl status docker), then run pulumi up again",
  });
