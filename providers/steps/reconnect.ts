import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host, Unreachable } from "../../hosts/index.ts";
import type { Report } from "../pulumi/report.ts";

/** How long a lost connection is made up for, counted from the first loss. */
const RECONNECT: Seconds = 30;
const BREATH: Milliseconds = 250;

/**
 * Does `work` again when the connection to its host was lost meanwhile: it must go on from whatever it finds. A host that starts anew
 * may be away for a moment.
 *
 * @param servesNow what is known to serve, for the story of a connection that does not come back
 */
export async function throughLosses<T>(host: Host, report: Report, servesNow: () => string, work: () => Promise<T>): Promise<T> {
  let giveUp: Deadline | undefined;
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      const isBackSoon = giveUp !== undefined && !giveUp.passed && thrown instanceof Unreachable;
      if (!(thrown instanceof ConnectionLost) && !isBackSoon) throw thrown;
      giveUp ??= Deadline.in(RECONNECT);
      if (giveUp.passed) throw lostForGood(host, servesNow(), thrown);
      report.warn(`${messageOf(thrown).split("\n", 1)[0]}; connecting again`);
      await sleep(BREATH);
    }
  }
}

const lostForGood = ({ name }: Host, servesNow: string, lost: unknown): SlipwayError =>
  new SlipwayError(
    {
      what: `the connection was lost again and again for ${RECONNECT} s`,
      host: name,
      evidence: [messageOf(lost)],
      servesNow,
      next: "check the network, then run pulumi up again: it goes on from what it finds",
    },
    { cause: lost },
  );
