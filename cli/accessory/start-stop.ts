import type { Deadline } from "../../core/deadline.ts";
import { messageOf, reasonOf, SlipwayError } from "../../core/error.ts";
import { type Access, ConnectionLost, DockerRefusal, type Host, operator } from "../../hosts/index.ts";
import { hostsAt } from "../stack/access.ts";
import {
  bootLimit,
  CandidateFailed,
  checkOf,
  type DeclaredAccessory,
  type FoundContainer,
  lastLogs,
  lookAt,
  networkOf,
  prove,
  refusal,
  requireOwn,
  stateInWords,
  stopInTime,
} from "../stack/accessories.ts";
import { endEarlierRestore } from "../stack/earlier-restore.ts";
import { leaseOf, under } from "../stack/lease.ts";
import { notice } from "../terminal/failure.ts";
import { printLine } from "../terminal/print.ts";

export type Act = "restart" | "stop" | "start";

const INTERRUPTED = 130;

/** Stops or starts an accessory under the lease of its host. Returns the exit code. */
export async function perform(act: Act, place: DeclaredAccessory, access: Access): Promise<number> {
  const hosts = hostsAt(access);
  try {
    const host = hosts.at(place.host);
    const what = `slipway accessory ${act} ${place.accessory}`;
    const lease = await leaseOf(host, `${operator()} (${what})`, { who: operator(), what });
    return await under(lease, async () => {
      await endEarlierRestore(host, place.container);
      return ACTS[act](place, host);
    });
  } finally {
    await hosts.close();
  }
}

const ACTS: Readonly<Record<Act, (place: DeclaredAccessory, host: Host) => Promise<number>>> = { restart, stop, start };

async function restart(place: DeclaredAccessory, host: Host): Promise<number> {
  const main = await requireAlone(place, host);
  const wasUp = isUp(main);
  const began = performance.now();
  return uninterrupted(place, async (interrupted) => {
    if (wasUp) await stopMain(place, host, main);
    await startAndProve(place, host, main, interrupted);
    const took = since(began);
    say(
      wasUp
        ? `restarted ${main.name} on ${host.name}: gap ${took}`
        : `started ${main.name} on ${host.name}, which was ${stateInWords(main)}: healthy after ${took}`,
    );
  });
}

async function stop(place: DeclaredAccessory, host: Host): Promise<number> {
  const { main: found } = await lookAt(place, host);
  const main = requireOwn(place, found);
  const again = `the next pulumi up starts it again; slipway accessory start ${place.accessory} does so now`;
  if (!isUp(main)) say(`${main.name} on ${host.name} is ${stateInWords(main)} already; ${again}`);
  else {
    const began = performance.now();
    await stopMain(place, host, main);
    say(`stopped ${main.name} on ${host.name} in ${since(began)}; ${again}`);
  }
  return 0;
}

async function stopMain(
  { accessory, stopTimeout: grace }: DeclaredAccessory,
  host: Host,
  { id, name }: FoundContainer,
): Promise<void> {
  const warning = await stopInTime(host, { id, name, grace, key: `slipway:accessories.${accessory}.stop_timeout` });
  if (warning !== undefined) notice(`warning: ${warning}`);
}

async function start(place: DeclaredAccessory, host: Host): Promise<number> {
  const main = await requireAlone(place, host);
  const began = performance.now();
  return uninterrupted(place, async (interrupted) => {
    if (!isUp(main)) await startAndProve(place, host, main, interrupted);
    say(
      isUp(main)
        ? `${main.name} on ${host.name} is ${stateInWords(main)} already`
        : `started ${main.name} on ${host.name}: healthy after ${since(began)}`,
    );
  });
}

const isUp = ({ state }: FoundContainer): boolean => state.running;

/** Its container; throws if a second server is running on its data. */
async function requireAlone(place: DeclaredAccessory, host: Host): Promise<FoundContainer> {
  const { main, next } = await lookAt(place, host);
  if (next !== undefined && next.of !== "other" && isUp(next))
    throw refusal(
      "ACCESSORY_DATA_AT_RISK",
      host.name,
      `${next.name} is running since an interrupted replacement: ${place.container} would be a second server on the same data`,
      "pulumi up completes the replacement",
    );
  return requireOwn(place, main);
}

/** Ctrl-C must not leave it stopped: it is started in any case, and only the wait for its health check is cancelled. */
async function uninterrupted(place: DeclaredAccessory, work: (interrupted: AbortSignal) => Promise<void>): Promise<number> {
  const stopped = new AbortController();
  const interrupt = () => {
    notice(`starting ${place.container} before exiting, without waiting until it is healthy`);
    stopped.abort();
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    await work(stopped.signal);
    return 0;
  } catch (thrown) {
    if (stopped.signal.aborted && thrown === stopped.signal.reason) return INTERRUPTED;
    throw thrown instanceof ConnectionLost ? halfDone(place, thrown) : thrown;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

async function startAndProve(
  place: DeclaredAccessory,
  host: Host,
  { id, name }: FoundContainer,
  interrupted: AbortSignal,
): Promise<void> {
  const { ready, bootTimeout } = place;
  const candidate = { host, id, name };
  const proof = {
    check: (deadline: Deadline) => checkOf(candidate, ready, networkOf(place), deadline),
    delay: ready.by === "docker" ? ready.delay : 0,
    timeout: bootTimeout,
    limit: bootLimit(place),
  };
  try {
    await host.docker.start(id);
    interrupted.throwIfAborted();
    await prove(candidate, proof, () => {}, interrupted);
  } catch (thrown) {
    if (thrown instanceof DockerRefusal)
      throw await notHealthy(place, host, `it could not be started: ${messageOf(thrown)}`, [], thrown);
    if (!(thrown instanceof CandidateFailed)) throw thrown;
    const evidence = thrown.evidence.length > 0 ? thrown.evidence : (await lastLogs(candidate)).shown;
    throw await notHealthy(place, host, thrown.message, evidence, thrown);
  }
}

async function notHealthy(
  place: DeclaredAccessory,
  host: Host,
  why: string,
  evidence: readonly string[],
  cause: unknown,
): Promise<SlipwayError> {
  const { main } = await lookAt(place, host);
  const now = main === undefined ? "is missing" : `is ${stateInWords(main)}`;
  return new SlipwayError(
    {
      code: "ACCESSORY_NOT_RUNNING",
      what: `${place.accessory} is not healthy: ${why}`,
      host: host.name,
      evidence,
      servesNow: `${place.container} ${now}; its data is unchanged`,
      next: `read slipway accessory logs ${place.accessory}, correct the config, then pulumi up`,
    },
    { cause },
  );
}

const halfDone = ({ accessory, container, host }: DeclaredAccessory, lost: ConnectionLost): SlipwayError =>
  new SlipwayError(
    {
      code: "CONNECTION_LOST",
      what: `the connection was lost while ${container} was being restarted`,
      host: host.name,
      evidence: [reasonOf(lost, host.name)],
      servesNow: `${container} as it was, or stopped; its data is unchanged`,
      next: `slipway accessory start ${accessory} --host ${host.name}`,
    },
    { cause: lost },
  );

const since = (began: number): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;

const say = (line: string): void => printLine(line);
