import type { ContainerName, HostName } from "../../core/words.ts";
import { type Container, DockerRefusal, type Host } from "../../hosts/index.ts";
import type { Seen } from "./cause/seen.ts";
import type { Remedy } from "./remedy.ts";

const LOG_LINES = 20;
/** Ten checks a second would push everything else out of a log in which each leaves a line. */
const READ_LINES = 500;

/** A container that is meant to serve and is not proved healthy yet. */
export interface Candidate {
  readonly host: Host;
  readonly id: string;
  readonly name: ContainerName;
}

/** What is known of a failure besides its evidence. */
interface Known {
  /** What to do, where that is known without its cause. */
  readonly remedy?: Remedy | undefined;
  readonly container?: ContainerName | undefined;
  /** From which its cause may be recognized. */
  readonly seen?: Seen | undefined;
}

/** A candidate that failed, with evidence. */
export class CandidateFailed extends Error {
  override readonly name: string = "CandidateFailed";
  readonly host: HostName;
  readonly evidence: readonly string[];
  readonly known: Known;

  constructor(host: HostName, what: string, evidence: readonly string[], known: Known = {}) {
    super(what);
    this.host = host;
    this.evidence = evidence;
    this.known = known;
  }
}

/** The container as it is now. */
export async function inspect({ host, id, name }: Candidate): Promise<Container> {
  const container = await host.docker.inspect(id);
  if (container === undefined)
    throw new CandidateFailed(host.name, `${name} was removed by another program while it started`, []);
  return container;
}

/** The end of a container's log. */
export interface LogEnd {
  /** As evidence, under a heading. */
  readonly shown: readonly string[];
  /** As they were written. */
  readonly lines: readonly string[];
}

/**
 * The last log lines of a container. A log that cannot be read hides nothing else: with some drivers Docker has none.
 *
 * @param repeated what becomes of lines in a row that differ only in their numbers: health checks leave such ones
 */
export async function lastLogs({ host, id, name }: Candidate, repeated: "collapsed" | "kept" = "collapsed"): Promise<LogEnd> {
  const read = await host.docker.lastLogs(id, READ_LINES).catch((thrown: unknown) => {
    if (thrown instanceof DockerRefusal) return thrown;
    throw thrown;
  });
  if (read instanceof DockerRefusal) return { shown: [`the log of ${name} cannot be read: ${read.message}`], lines: [] };
  if (read.length === 0) return { shown: [`${name} wrote no log`], lines: [] };
  const lines = (repeated === "kept" ? read : collapsed(read)).slice(-LOG_LINES);
  return { shown: [`last log lines of ${name}:`, ...lines.map((line) => `  ${line}`)], lines };
}

/** From this many on, lines that differ only in their numbers become one. */
const MANY = 4;

/** Lines in a row that differ only in their numbers, such as times, become the last of them with their count. Pure. */
export function collapsed(lines: readonly string[]): string[] {
  const runs: string[][] = [];
  const shapeOf = (line: string | undefined) => line?.replace(/\d+/g, "0");
  for (const line of lines) {
    const run = runs.at(-1);
    if (run !== undefined && shapeOf(run[0]) === shapeOf(line)) run.push(line);
    else runs.push([line]);
  }
  return runs.flatMap((run) => (run.length < MANY ? run : [`${run.at(-1)} (${run.length} lines like this)`]));
}
