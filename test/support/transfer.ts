import { Deadline } from "../../core/deadline.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import type { LabHost } from "../../lab/host.ts";
import type { Relay } from "../../lab/relay.ts";

/** A transfer that a test wants to interrupt begins before. */
const BEGUN: Seconds = 30;

/** Resolves when that many bytes more have gone to the host. */
export async function travelled(relay: Relay, bytes: Bytes): Promise<void> {
  const before = relay.traffic.up;
  const enough = async () => (relay.traffic.up - before >= bytes ? true : undefined);
  await Deadline.in(BEGUN).until(enough, () => new Error(`only ${relay.traffic.up - before} of ${bytes} bytes were sent`));
}

/** The ports on which a host forwards to an operator. */
export async function forwardedPorts(host: LabHost): Promise<number[]> {
  const lines = (await host.must("ss -Hltnp4")).split("\n").filter((line) => line.includes('"sshd'));
  return lines.map((line) => Number(/^(?:\S+\s+){3}\S+:(\d+)/.exec(line)?.[1])).filter((port) => port !== host.port);
}

/** What Docker keeps of downloads that are not complete. */
export const unfinishedOn = (host: LabHost): Promise<string> => host.must("find /var/lib/docker/tmp -type f -printf '%p %s\\n'");
