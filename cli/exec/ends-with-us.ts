import { messageOf, reasonOf, SlipwayError } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import { ConnectionLost, type Host, type Watch, type Watched } from "../../hosts/index.ts";
import { notice } from "../terminal/failure.ts";

/** How long a command may take to end after a signal. */
export const GRACE: Seconds = 2;

/**
 * Makes the host end a command when this process is gone: killed, or cut off. A host that cannot is named, and the command runs all the
 * same.
 *
 * @param runs whether the command still does: a short one may have ended before the host looks for it
 * @returns `undefined` if nothing ends it
 */
export async function endsWithUs(
  host: Host,
  watched: Watched,
  runs: () => Promise<boolean> = async () => true,
): Promise<Watch | undefined> {
  try {
    const watch = await host.watch(watched);
    if (watch.by === "host" || (await hasShell(host, watched.container))) return watch;
    await watch.release();
    throw new Error(`${host.address.user} is not root there, and the container has no shell`);
  } catch (thrown) {
    // Whatever needs the connection next reports its loss.
    if (!(thrown instanceof ConnectionLost) && (await runs()))
      notice(`${host.name}: the command would go on if slipway were killed: ${messageOf(thrown)}`);
    return undefined;
  }
}

async function hasShell({ docker }: Host, container: string): Promise<boolean> {
  const { code } = await docker.exec(container, ["sh", "-c", ":"]);
  return code === 0;
}

/** What a lost connection means for the command. @param left where it may still run, if nothing ends it */
export const cutOff = (host: Host, argv: readonly string[], lost: ConnectionLost, left: string | undefined): SlipwayError =>
  new SlipwayError(
    {
      code: "CONNECTION_LOST",
      what: `the connection was lost while ${argv[0]} ran`,
      host: host.name,
      evidence: [reasonOf(lost, host.name)],
      servesNow: "what served before",
      next:
        left === undefined
          ? `the host ends the command within 30 s; look at what it has done, then run it again`
          : `the command may still run; on ${host.name}: ${left}`,
    },
    { cause: lost },
  );
