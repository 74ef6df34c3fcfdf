import type { ContainerName, HostName } from "../../core/words.ts";
import { type Container, DockerRefusal, type Host } from "../../hosts/index.ts";

const LOG_LINES = 20;
/** Ten checks a second would push everything else out of a log in which each leaves a line. */
const READ_LINES = 500;

/** A container that is meant to serve and is not proved healthy yet. */
export interface Candidate {
  readonly host: Host;
  readonly id: string;
  readonly name: ContainerName;
}

/** A candidate that failed, with evidence. */
export class CandidateFailed extends Error {
  override readonly name: string = "CandidateFailed";
  readonly host: HostName;
  readonly evidence: readonly string[];
  /** What to do, where that is known. */
  readonly next: string | undefined;

  constructor(host: HostName, what: string, evidence: readonly string[], next?: string) {
    super(what);
    this.host = host;
    this.evidence = evidence;
    this.next = next;
  }
}

/** The container as it is now. */
export async function inspect({ host, id, name }: Candidate): Promise<Container> {
  const container = await host.docker.inspect(id);
  if (container === undefined)
    throw new CandidateFailed(host.name, `${name} was removed by another program while it started`, []);
  return container;
}

/**
 * The last log lines of a container, as evidence. A log that cannot be read hides nothing else: with some drivers Docker has none.
 *
 * @param repeated what becomes of lines in a row that differ only in their numbers: health checks leave such ones
 */
export async function lastLogs({ host, id, name }: Candidate, repeated: "collapsed" | "kept" = "collapsed"): Promise<string[]> {
  const lines = await host.docker.lastLogs(id, READ_LINES).catch((thrown: unknown) => {
    if (thrown instanceof DockerRefusal) return thrown;
    throw thrown;
  });
  if (lines instanceof DockerRefusal) return [`the log of ${name} cannot be read: ${lines.message}`];
  if (lines.length === 0) return [`${name} wrote no log`];
  return [
    `last log lines of ${name}:`,
    ...(repeated === "kept" ? lines : collapsed(lines)).slice(-LOG_LINES).map((line) => `  ${line}`),
  ];
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
