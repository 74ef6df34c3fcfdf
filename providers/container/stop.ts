import type { Seconds } from "../../core/words.ts";
import type { Container, Host } from "../../hosts/index.ts";

/** SIGKILL. */
const KILLED = 137;
/** Docker's clock and ours do not begin at the same moment. */
const TOLERANCE: Seconds = 0.2;

/** A container to stop. */
export interface Stopping {
  readonly id: string;
  readonly name: string;
  /** Seconds between its stop signal and SIGKILL. */
  readonly grace: Seconds;
  /** The config key of that time. */
  readonly key: string;
}

/** Stops a container. Gives a warning if it had not ended in its time: its work was cut off, and Docker only records the code 137. */
export async function stopInTime(
  { docker, name: host }: Pick<Host, "docker" | "name">,
  stopping: Stopping,
): Promise<string | undefined> {
  const start = performance.now();
  const ended = await docker.stop(stopping.id, stopping.grace);
  return killedAfter(ended?.state, (performance.now() - start) / 1000, stopping, host);
}

/** Pure. */
export function killedAfter(
  ended: Pick<Container["state"], "exitCode" | "oomKilled"> | undefined,
  took: Seconds,
  { name, grace, key }: Omit<Stopping, "id">,
  host: string,
): string | undefined {
  // With no time at all, the kill is what was asked for.
  if (ended?.exitCode !== KILLED || ended.oomKilled || grace === 0 || took < grace - TOLERANCE) return undefined;
  return `${host}: ${name} was killed: it had not ended ${grace} s after its stop signal. If its work takes longer, raise ${key}`;
}
