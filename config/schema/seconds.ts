import { z } from "zod";

/** The longest time that a timer of Node waits, in seconds: 24 days. One for longer would end at once. */
const LONGEST = Math.floor((2 ** 31 - 1) / 1000);

/**
 * A time in whole seconds. Refused: less than `least`, more than 24 days.
 *
 * @example secondsFrom(1) // a timeout, which cannot be 0
 */
export const secondsFrom = (least: number) => z.int().min(least).max(LONGEST);
