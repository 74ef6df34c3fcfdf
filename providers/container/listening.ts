import type { Deadline } from "../../core/deadline.ts";
import { ConnectionLost, type ListeningSocket, listeningIn } from "../../hosts/index.ts";
import { type Candidate, inspect } from "./candidate.ts";
import type { Answer, Check } from "./check.ts";

/** Where a container that refused the connection listens instead; `undefined` if it did not refuse, or that cannot be read. */
export async function whatListens(
  candidate: Candidate,
  { port }: Check,
  { said }: Answer,
  deadline: Deadline,
): Promise<ListeningSocket[] | undefined> {
  if (port === undefined || said !== "connection refused") return undefined;
  try {
    const { pid } = (await inspect(candidate)).state;
    if (pid === 0) return undefined;
    const { code, stdout } = await candidate.host.run(["cat", `/proc/${pid}/net/tcp`, `/proc/${pid}/net/tcp6`], { deadline });
    // Without IPv6 there is no second file.
    return code === 0 || stdout !== "" ? listeningIn(stdout) : undefined;
  } catch (thrown) {
    if (thrown instanceof ConnectionLost) throw thrown;
    return undefined;
  }
}

/** As evidence: the usual mistakes are another port, and 127.0.0.1. Pure. @param wanted the port that was asked */
export function listeningText(sockets: readonly ListeningSocket[], wanted: number): string {
  if (sockets.length === 0) return "nothing in the container listens on a TCP port";
  if (sockets.some(({ port, loopback }) => port === wanted && loopback))
    return `the container listens on port ${wanted} of 127.0.0.1 only: the app has to listen on 0.0.0.0`;
  const all = sockets.map(({ port, loopback }) => `${port}${loopback ? " (127.0.0.1 only)" : ""}`);
  return `the container listens on port ${all.join(", ")}, not on ${wanted}`;
}
