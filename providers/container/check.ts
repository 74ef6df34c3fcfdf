import type { AccessoryReadiness, Readiness } from "../../core/container/readiness.ts";
import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import { printable } from "../../core/text.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { ConnectionLost } from "../../hosts/index.ts";
import { type Candidate, inspect } from "./candidate.ts";
import { exitFailure } from "./exit.ts";

/** What can be asked of the container itself. */
type Asked = Exclude<Readiness, { by: "route" }> | AccessoryReadiness;

const PROBE_INTERVAL: Milliseconds = 100;

/** How to probe a container. */
export interface Check {
  /** What is probed, for messages: `/up on port 3000`. */
  readonly what: string;
  readonly interval: Milliseconds;
  readonly probe: () => Promise<Answer>;
}

export interface Answer {
  readonly healthy: boolean;
  /** The result: `503`, `connection refused`, `exit code 1`. */
  readonly said: string;
  /** The last line that a command wrote. */
  readonly wrote?: string;
}

/**
 * The check of a candidate; `undefined` if neither its declaration nor its image has one. HTTP and TCP probes go through the SSH
 * connection: no port is opened for them and no proxy is in between.
 *
 * @param network the network on which the candidate is reached
 */
export async function checkOf(
  candidate: Candidate,
  ready: Asked,
  network: string,
  deadline: Deadline,
): Promise<Check | undefined> {
  switch (ready.by) {
    case "command":
      return commandCheck(candidate, ready);
    case "docker":
      return (await inspect(candidate)).state.health && dockerCheck(candidate);
    case "http":
      return httpCheck(candidate, await addressOf(candidate, network), ready, deadline);
    case "tcp":
      return tcpCheck(candidate, await addressOf(candidate, network), ready, deadline);
  }
}

async function addressOf(candidate: Candidate, network: string): Promise<string> {
  const address = network === "host" ? "127.0.0.1" : (await inspect(candidate)).addresses[network];
  if (address === undefined) throw await exitFailure(candidate);
  return address;
}

const within = (timeout: Seconds, deadline: Deadline): Seconds => Math.min(timeout, Math.max(deadline.remaining / 1000, 0.1));

type Asking<By extends Asked["by"]> = Extract<Asked, { by: By }>;

function httpCheck(
  candidate: Candidate,
  address: string,
  { path, port, host, timeout }: Asking<"http">,
  deadline: Deadline,
): Check {
  const target = { address, port, path, ...(host === undefined ? {} : { host }) };
  return {
    what: `${path} on port ${port}`,
    interval: PROBE_INTERVAL,
    probe: () =>
      candidate.host
        .probe(target, within(timeout, deadline))
        .then(({ status }) => ({ said: String(status), healthy: status >= 200 && status < 300 }))
        .catch(unhealthy),
  };
}

const tcpCheck = (candidate: Candidate, address: string, { port, timeout }: Asking<"tcp">, deadline: Deadline): Check => ({
  what: `port ${port}`,
  interval: PROBE_INTERVAL,
  probe: () =>
    candidate.host
      .tunnel({ address, port }, Deadline.in(within(timeout, deadline)))
      .then((stream) => {
        stream.destroy();
        return { said: "it listens", healthy: true };
      })
      .catch(unhealthy),
});

const commandCheck = ({ host, id }: Candidate, { command, interval, timeout }: Asking<"command">): Check => ({
  what: command.join(" "),
  interval: interval * 1000,
  probe: () =>
    host.docker
      .exec(id, command, { deadline: Deadline.in(timeout) })
      .then(({ code, stdout, stderr }) => ({
        said: `exit code ${code}`,
        healthy: code === 0,
        wrote: lastLine(`${stdout}\n${stderr}`),
      }))
      .catch(unhealthy),
});

/** The image's own HEALTHCHECK, run by Docker. */
const dockerCheck = (candidate: Candidate): Check => ({
  what: "its Docker health check",
  interval: PROBE_INTERVAL,
  probe: async () => {
    const { health, healthOutput } = (await inspect(candidate)).state;
    return { said: health ?? "starting", healthy: health === "healthy", wrote: lastLine(healthOutput) };
  },
});

const lastLine = (output: string): string =>
  output
    .split("\n")
    .map((line) => printable(line).trim())
    .findLast((line) => line !== "") ?? "";

function unhealthy(thrown: unknown): Answer {
  if (thrown instanceof ConnectionLost) throw thrown;
  return { said: messageOf(thrown), healthy: false };
}
