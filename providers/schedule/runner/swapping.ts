import type { RestoreEnd } from "../../steps/restore.ts";
import type { Journal } from "./journal.ts";
import { messageOf } from "./print.ts";

/** Data that changes places. Each of its functions can be called again after it was killed at any point, with the same end. */
export interface Swap {
  /** What was loaded takes the place of what is there. */
  forward(): Promise<void>;
  /** What was there is there again, however far `forward` came. */
  back(): Promise<void>;
  /** Removes what neither of them needs any more. */
  clean(): Promise<void>;
}

/** The server whose data it is. */
export interface Server {
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Rejects when it ends, or is not ready in time. */
  ready(): Promise<void>;
  lastLogs(): Promise<string[]>;
}

/**
 * Stops a server, swaps its data and starts it again; if that fails, all of it is taken back. When it is called again after it was
 * killed, it goes on from what the journal says, in the same direction. It never starts the server on half of either data.
 */
export async function swapUnder(server: Server, swap: Swap, journal: Journal): Promise<RestoreEnd> {
  if (!journal.has(BACK)) {
    try {
      if (!journal.has(SWAPPED)) {
        await server.stop();
        await swap.forward();
        await journal.write(SWAPPED);
      }
      await server.start();
      await server.ready();
      await cleaned(swap);
      return { end: "swapped" };
    } catch (thrown) {
      await journal.write(BACK, JSON.stringify({ why: messageOf(thrown), evidence: await server.lastLogs().catch(() => []) }));
    }
  }
  const { why, evidence } = JSON.parse((await journal.read(BACK)) ?? "{}") as { why: string; evidence: string[] };
  if (!journal.has(TAKEN_BACK)) {
    await server.stop();
    await swap.back();
    await journal.write(TAKEN_BACK);
  }
  await server.start();
  await cleaned(swap);
  return { end: "taken back", why, evidence };
}

/** The next restore removes what is left of it. */
const cleaned = (swap: Swap): Promise<void> => swap.clean().catch(() => {});

const SWAPPED = "swapped";
const BACK = "back";
const TAKEN_BACK = "taken-back";
