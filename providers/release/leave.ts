import { messageOf } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host, leavesStops } from "../../hosts/index.ts";
import { countingDown } from "./countdown.ts";
import type { OperationOf } from "./operation.ts";
import { finishingName, plainName } from "./taken-out.ts";
import type { Work } from "./work.ts";

/** No limit changes. */
export const NEVER_RESTART = { restart: { name: "no" }, memory: 0, nanoCpus: 0 } as const;

type Leaving = OperationOf<"stop"> & { readonly leaveAfter: Seconds };

/**
 * Stops a container, and waits for its end no longer than `leaveAfter`. Then Docker goes on by itself: it sends SIGKILL at the end of the
 * grace, and starts it no more. Its name says until when it may finish, so that no later run takes it for a leftover, or sends a second
 * signal, which many programs take as an order to give up.
 *
 * @returns `impossible` where it must be waited for: nothing was done
 */
export async function stopOrLeave(leaving: Leaving, work: Work): Promise<"done" | "impossible"> {
  const { host: at, id, container: name, grace, leaveAfter } = leaving;
  const host = work.on(at);
  const { report } = work.run;
  const [{ engine }, { time }] = await Promise.all([host.docker.version(), host.docker.info()]);
  if (!leavesStops(engine) || time === undefined) {
    report.warn(`${at}: Docker ${engine} kills what it stops when the run ends: waiting up to ${grace} s for ${plainName(name)}`);
    return "impossible";
  }
  await host.docker.update(id, NEVER_RESTART);
  const until = new Date(time.getTime() + grace * 1000);
  const what = `${at}: ${plainName(name)} finishes its work`;
  const ended = await countingDown(what, leaveAfter, work.run, stopFor(leaving, finishingName(name, until), host, report.warn));
  if (ended?.state.running === true)
    report.say(`${at}: ${plainName(name)} is still finishing, for up to ${grace} s; it ends by itself`);
  return "done";
}

/** Unmarked it cannot be left: the next run would stop it again. */
async function stopFor({ id, grace, leaveAfter }: Leaving, mark: string, host: Host, warn: (text: string) => void) {
  const left = new AbortController();
  const sent = Promise.withResolvers<void>();
  const stopped = host.docker.stop(id, grace, { sent: sent.resolve, signal: left.signal });
  stopped.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([sent.promise, stopped]);
    await host.docker.rename(id, mark, "after a stop").then(
      () => {
        timer = setTimeout(() => left.abort(), leaveAfter * 1000);
      },
      (thrown: unknown) => {
        if (thrown instanceof ConnectionLost) throw thrown;
        warn(
          `${host.name}: Docker could not rename what is stopping, so it is waited for up to ${grace} s: ${messageOf(thrown)}`,
        );
      },
    );
    return await stopped;
  } finally {
    clearTimeout(timer);
  }
}
