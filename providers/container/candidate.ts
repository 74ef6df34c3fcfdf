import type { ContainerName, HostName } from "../../core/words.ts";
import { type Container, DockerRefusal, type Host } from "../../hosts/index.ts";

const LOG_LINES = 20;

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

/** The last log lines of a container, as evidence. A log that cannot be read hides nothing else: with some drivers Docker has none. */
export async function lastLogs({ host, id, name }: Candidate): Promise<string[]> {
  const lines = await host.docker.lastLogs(id, LOG_LINES).catch((thrown: unknown) => {
    if (thrown instanceof DockerRefusal) return thrown;
    throw thrown;
  });
  if (lines instanceof DockerRefusal) return [`the log of ${name} cannot be read: ${lines.message}`];
  return lines.length === 0 ? [`${name} wrote no log`] : [`last log lines of ${name}:`, ...lines.map((line) => `  ${line}`)];
}
