import type { Duplex } from "node:stream";
import type { Bytes } from "../../core/words.ts";

/** The TCP socket under a connection. */
export type Line = Pick<Duplex, "writableLength" | "once" | "off" | "destroyed">;

/**
 * Above this, data waits in its stream instead of the socket. ssh2 takes up to 2 MiB for each open channel without waiting; on a slow
 * line, answers to the keep-alive and all other channels would come too late behind them.
 */
const MOST_WAITING: Bytes = 512 * 1024;

/** Those who wait for one line wait together. */
const waiting = new WeakMap<Line, Promise<void>>();

/** Resolves when a line can take more; `undefined`: it can now. */
export function roomOn(line: Line | undefined): Promise<void> | undefined {
  if (line === undefined || line.writableLength < MOST_WAITING || line.destroyed) return undefined;
  const known = waiting.get(line) ?? drained(line).finally(() => waiting.delete(line));
  waiting.set(line, known);
  return known;
}

const drained = (line: Line): Promise<void> =>
  new Promise((resolve) => {
    const over = () => {
      line.off("drain", over);
      line.off("close", over);
      resolve();
    };
    line.once("drain", over);
    line.once("close", over);
  });
