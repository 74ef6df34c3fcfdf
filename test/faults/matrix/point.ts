import { z } from "zod";

/**
 * A place in a release where a fault can strike: just before one call that changes a host, just after it, or during it, when the
 * request is on its way and the answer is not.
 */
export const Point = z.object({
  host: z.string(),
  /** As the trace names it: `start container`, `kamal-proxy deploy shop-web`. */
  call: z.string(),
  /** Counts equal calls to the same host from 1, so that hosts that work in parallel do not renumber each other. */
  nth: z.number().int().positive(),
  moment: z.enum(["before", "during", "after"]),
});
export type Point = z.infer<typeof Point>;

/** `fr-1: start container, before`; `fr-1: 2nd start container, after` */
export const nameOf = ({ host, call, nth, moment }: Point): string =>
  `${host}: ${nth === 1 ? "" : `${ordinal(nth)} `}${call}, ${moment}`;

/** Where the run waits when it has come to this point: it cannot be stopped in the middle of a call. */
export const stopsAt = (point: Point): string => nameOf(point.moment === "during" ? { ...point, moment: "before" } : point);

function ordinal(nth: number): string {
  const teen = nth % 100 >= 11 && nth % 100 <= 13;
  return `${nth}${(teen ? undefined : ["th", "st", "nd", "rd"][nth % 10]) ?? "th"}`;
}

/** Numbers the calls of one run. */
export class Calls {
  readonly #seen = new Map<string, number>();

  /** @param release is part of some calls, and differs from run to run */
  next(host: string, what: string, release: string | undefined): Omit<Point, "moment"> {
    const call = release === undefined ? what : what.replaceAll(release, "RELEASE");
    const key = `${host} ${call}`;
    const nth = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, nth);
    return { host, call, nth };
  }
}
