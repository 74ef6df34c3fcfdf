import { Deadline } from "../../core/deadline.ts";
import { SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { ConnectionLost, DockerUnavailable, type Host } from "../../hosts/index.ts";
import type { Root } from "./root.ts";

/** Docker with many containers and a slow disk takes some seconds to start; systemd waits no longer, either. */
const START: Seconds = 90;

/** Starts Docker now and at every boot. */
export async function startDocker(host: Host, root: Root): Promise<void> {
  const { code, stderr } = await root.run(["systemctl", "enable", "--now", "docker"], START);
  if (code !== 0 || !(await comesUp(host))) throw await notStarted(host, root, stderr);
}

/** Whether Docker answers, or would answer to who may ask it, in time. */
export async function comesUp(host: Host): Promise<boolean> {
  const deadline = Deadline.in(START);
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
    // Docker that ends while it is asked, not the line to the host.
    const ends = thrown instanceof ConnectionLost && host.lastLoss === before;
    if (!starts && !ends) throw thrown;
    return undefined;
  }
}

/** What Docker said before it gave up. */
export async function lastWords(root: Root): Promise<string[]> {
  const { stdout } = await root.run(["journalctl", "--unit=docker", "--lines=5", "--no-pager", "--output=cat"]);
  return stdout.split("\n").filter((line) => line.trim() !== "");
}

const notStarted = async (host: Host, root: Root, words: string): Promise<SlipwayError> =>
  new SlipwayError({
    what: "Docker does not start",
    host: host.name,
    evidence: [...words.trim().split("\n"), ...(await lastWords(root))].filter((line) => line !== ""),
    servesNow: `nothing on ${host.name}: its Docker does not run`,
    next: "put right what the evidence shows (on the host: systemctl status docker), then run pulumi up again",
  });
