import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { countingDown } from "./countdown.ts";
import type { OperationOf } from "./operation.ts";
import { plainName } from "./taken-out.ts";
import type { Work } from "./work.ts";

/** What Docker may take to send SIGKILL. */
const TOLERANCE: Seconds = 5;

/** Waits for the end of what an earlier run has stopped. Its time is up when the host's clock says so; then it is killed, as declared. */
export async function awaitEnd(
  { host: at, id, container, grace, until }: OperationOf<"stop" | "stop-before"> & { readonly until: string },
  work: Work,
): Promise<void> {
  const { docker } = work.on(at);
  const { time } = await docker.info();
  const left = time === undefined ? grace : Math.max(0, (Date.parse(until) - time.getTime()) / 1000);
  const over = new AbortController();
  const late = new Error("late");
  const ended = docker.exited(id, over.signal);
  try {
    const waited = Deadline.in(left + TOLERANCE).race(ended, () => late);
    await countingDown(`${at}: ${plainName(container)} finishes its work`, left, work.run, waited);
  } catch (thrown) {
    if (thrown !== late) throw thrown;
    await docker.stop(id, 0);
  } finally {
    ended.catch(() => {});
    over.abort();
  }
}
