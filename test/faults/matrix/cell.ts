import type { HostName, Seconds } from "../../../core/words.ts";
import { Blow } from "./blow.ts";
import type { Ending } from "./child-run.ts";
import type { Fault } from "./fault.ts";
import type { Point } from "./point.ts";
import { leaseProblems, letGo, type Seen, type Stage } from "./stage.ts";

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
 * A run meets the fault at the point, then a run without a fault follows, and one that finds nothing to do. Whatever went wrong is in
 * the verdict; only a rig that does not work itself throws.
 */
export async function runCell(stage: Stage, cell: Cell): Promise<Verdict> {
  const { point, fault } = cell;
  const start = performance.now();
  const host = stage.host(point.host);
  const blow = new Blow(point, fault, { host, relay: stage.relay(point.host), registry: stage.lab.registry.server });
  const problems: string[] = [];
  const leave = await stage.visit();
  let ending: Ending;
  let seen: Seen[];
  try {
    try {
      ending = await stage.run(blow.visit);
    } finally {
      if (!(await blow.over())) problems.push("the run did not come to this point");
    }
    const leases = await Promise.all([...stage.hosts].map(([name, one]) => leaseProblems(name, one)));
    problems.push(...endingProblems(ending), ...leases.flat());
    const again = await stage.run(letGo, "again");
    if (again.how !== "done") problems.push(`the next run: ${again.how}: ${"text" in again ? again.text : ""}`);
  } finally {
    seen = await leave();
  }
  stage.arrived();
  problems.push(...stage.takeUnplanned());
  problems.push(...(await stage.problems()), ...requestProblems(seen, fault.outage ? point.host : undefined));
  const struck = fault.outage ? seen.find((one) => one.host === point.host) : undefined;
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
