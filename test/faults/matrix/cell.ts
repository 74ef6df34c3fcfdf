import type { HostName, Seconds } from "../../../core/words.ts";
import type { Fault } from "./fault.ts";
import type { FaultFleet, Seen } from "./fleet.ts";
import { nameOf, type Point, stopsAt } from "./point.ts";
import type { Ending } from "./release-run.ts";

/** One fault at one point. */
export interface Cell {
  readonly point: Point;
  readonly fault: Fault;
}

/** What came of it. */
export interface Verdict {
  readonly cell: Cell;
  /** How the run ended that met the fault. */
  readonly ending: Ending;
  /** What is not as promised; none is a pass. */
  readonly problems: readonly string[];
  /** Requests to all hosts meanwhile, and those that the fault itself cost its host. */
  readonly requests: number;
  readonly lost: number;
  /** How long the struck host gave no right answer. */
  readonly out: Seconds;
  readonly seconds: Seconds;
}

/**
 * A release meets the fault at the point, then a release without a fault follows. Whatever went wrong is in the verdict; only a rig
 * that does not work itself throws.
 */
export async function runCell(fleet: FaultFleet, cell: Cell): Promise<Verdict> {
  const { point, fault } = cell;
  const start = performance.now();
  const scene = { host: fleet.host(point.host), relay: fleet.relay(point.host), registry: fleet.lab.registry.server };
  const problems: string[] = [];
  const leave = await fleet.visit();
  let healing: Promise<void> | undefined;
  let ending: Ending;
  let seen: Seen[];
  try {
    try {
      ending = await fleet.release(async (at, run) => {
        if (healing !== undefined || nameOf(at) !== stopsAt(point)) return undefined;
        healing = Promise.resolve();
        const strike = async () => {
          await fault.strike({ ...scene, run });
          if (fault.heals === "meanwhile") healing = fault.heal(scene);
        };
        if (point.moment !== "during") return strike().then(() => undefined);
        const onItsWay = scene.relay.forwarded();
        return () => onItsWay.then(strike);
      });
      if (healing === undefined) problems.push("the run did not come to this point");
    } finally {
      await (fault.heals === "meanwhile" ? healing : fault.heal(scene));
    }
    problems.push(...endingProblems(ending));
    const leases = await Promise.all(fleet.lab.hosts.map((host) => fleet.leaseProblems(host)));
    problems.push(...leases.flat());
    const again = await fleet.release();
    if (again.how !== "done") problems.push(`the next run: ${again.how}: ${"text" in again ? again.text : ""}`);
  } finally {
    seen = await leave();
  }
  fleet.arrived();
  problems.push(...fleet.takeUnplanned());
  problems.push(...(await fleet.problems()), ...requestProblems(seen, fault.outage ? point.host : undefined));
  const struck = fault.outage ? seen.find(({ host }) => host === point.host) : undefined;
  return {
    cell,
    ending,
    problems,
    requests: seen.reduce((sum, { requests }) => sum + requests, 0),
    lost: struck?.failed ?? 0,
    out: struck?.out ?? 0,
    seconds: (performance.now() - start) / 1000,
  };
}

/** A run that meets a fault ends well, or with an error that was made for its reader, or is killed by the fault. */
const endingProblems = (ending: Ending): string[] => (ending.how === "broken" ? [`the run broke: ${ending.text}`] : []);

/** Only a host that is out itself may fail its users. */
const requestProblems = (seen: readonly Seen[], out: HostName | undefined): string[] =>
  seen.flatMap(({ host, failed, requests, reason }) =>
    failed === 0 || host === out ? [] : [`${host}: ${failed} of ${requests} requests failed: ${reason}`],
  );
