import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { ConnectionLost, Unreachable } from "../../hosts/index.ts";
import type { Report } from "../pulumi/report.ts";

/** How long lost connections are made again, counted from the first loss. */
const RECONNECT_TIMEOUT: Seconds = 30;
const RECONNECT_INTERVAL: Milliseconds = 250;

/** The host, and what serves; `next` is for work that is not a run of Pulumi. */
type Where = Pick<SlipwayError["story"], "host" | "servesNow"> & Partial<Pick<SlipwayError["story"], "next">>;

/**
 * Does `work` again when a connection was lost meanwhile: it must go on from what it finds. A host that reboots may be unreachable for a
 * moment.
 *
 * @param where the host, and what serves; asked when the connection does not come back
 */
export async function throughLosses<T>(
  report: Report,
  where: () => Where | Promise<Where>,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  let giveUp: Deadline | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (thrown) {
      const isBackSoon = giveUp !== undefined && !giveUp.passed && isUnreachable(thrown);
      if (!(thrown instanceof ConnectionLost) && !isBackSoon) throw thrown;
      giveUp ??= Deadline.in(RECONNECT_TIMEOUT);
      if (giveUp.passed) throw lostForGood(await where(), thrown);
      report.warn(`${messageOf(thrown).split("\n", 1)[0]}; reconnecting`);
      await sleep(RECONNECT_INTERVAL);
    }
  }
}

const isUnreachable = (thrown: unknown): boolean =>
  thrown instanceof Unreachable || (thrown instanceof Error && thrown.cause instanceof Unreachable);

const lostForGood = (where: Where, lost: unknown): SlipwayError =>
  new SlipwayError(
    {
      code: "CONNECTION_LOST",
      next: "check the network, then run pulumi up again: it continues from what it finds",
      ...where,
      what: `could not reconnect within ${RECONNECT_TIMEOUT} s`,
      evidence: [messageOf(lost)],
    },
    { cause: lost },
  );
