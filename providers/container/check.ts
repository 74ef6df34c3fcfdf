import type { AccessoryReadiness, Readiness } from "../../core/container/readiness.ts";
import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import { printable } from "../../core/text.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { ConnectionLost, type ProbeTarget } from "../../hosts/index.ts";
import { type Candidate, inspect } from "./candidate.ts";
import { exitFailure } from "./exit.ts";

/** What can be asked of the container itself. */
type Asked = Exclude<Readiness, { by: "route" }> | AccessoryReadiness;

const PROBE_INTERVAL: Milliseconds = 100;

/** An app that answers once and then crashes is caught by the second probe. */
const TWICE = 2;

/** How to probe a container. */
export interface Check {
  /** What is probed, for messages: `/up on port 3000`. */
  readonly what: string;
  readonly interval: Milliseconds;
  /** Successes in a row that prove it. */
  readonly enough: number;
  /** When it is run, if that is not up to us, in words. */
  readonly pace?: string;
  /** How long its first result may take, if that is not up to us. */
  readonly mayTake?: Seconds;
  /** The port that it asks. */
  readonly port?: number;
  /** What an HTTP check asks. */
  readonly target?: ProbeTarget;
  /** What to do after a last answer that is not healthy, where that is known without its cause. */
  readonly next?: (answer: Answer) => string | undefined;
  readonly probe: () => Promise<Answer>;
}

export interface Answer {
  readonly healthy: boolean;
  /** Whether there is no result yet. */
  readonly pending?: boolean;
  /** The result: `503`, `connection refused`, `exit code 1`. */
  readonly said: string;
  /** The last line that a command wrote, or the text of a refused HTTP check. */
  readonly wrote?: string;
  /** Where an HTTP answer redirects to. */
  readonly location?: string | undefined;
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
      return dockerCheck(candidate);
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
    enough: TWICE,
    port,
    target,
    probe: () =>
      candidate.host
        .probe(target, within(timeout, deadline))
        .then(({ status, body, location }) => ({
          said: String(status),
          healthy: status >= 200 && status < 300,
          wrote: textOf(body),
          location,
        }))
        .catch(unhealthy),
  };
}

const tcpCheck = (candidate: Candidate, address: string, { port, timeout }: Asking<"tcp">, deadline: Deadline): Check => ({
  what: `port ${port}`,
  interval: PROBE_INTERVAL,
  enough: TWICE,
  port,
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
  enough: TWICE,
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

/** The image's own HEALTHCHECK, run by Docker, which repeats it slowly: one success is enough, as it is for Docker. */
async function dockerCheck(candidate: Candidate): Promise<Check | undefined> {
  const { state, healthcheck } = await inspect(candidate);
  if (state.health === undefined) return undefined;
  const { interval = 30, retries = 3, startPeriod = 0 } = healthcheck ?? {};
  return {
    what: "its Docker health check",
    interval: PROBE_INTERVAL,
    enough: 1,
    pace: `Docker runs it every ${interval} s, the first time after ${interval} s; start period ${startPeriod} s, ${retries} retries`,
    mayTake: startPeriod + interval * retries,
    probe: async () => {
      const { health = "starting", healthOutput } = (await inspect(candidate)).state;
      return { said: health, healthy: health === "healthy", pending: health === "starting", wrote: lastLine(healthOutput) };
    },
  };
}

const LONGEST_TEXT = 200;

/** The text of a page, without its markup, on one line. */
function textOf(body: string): string {
  const bare = body.replace(/<(style|script).*?<\/\1>/gis, " ").replace(/<[^>]*>/g, " ");
  const text = printable(bare.replace(/\s+/g, " ")).trim();
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

const lastLine = (output: string): string =>
  output
    .split("\n")
    .map((line) => printable(line).trim())
    .findLast((line) => line !== "") ?? "";

function unhealthy(thrown: unknown): Answer {
  if (thrown instanceof ConnectionLost) throw thrown;
  return { said: messageOf(thrown), healthy: false };
}
