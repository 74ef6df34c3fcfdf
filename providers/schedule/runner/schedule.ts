/** What the scheduler of one host is told, in a file of its own; written by the provider of the same version. */
export interface Schedule {
  /** Its own container: it touches no other than those with `slipway.scheduled` of this value. */
  readonly name: string;
  readonly entries: readonly Entry[];
}

/** One thing that is done again and again. */
export interface Entry {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  /** Started in this order; the first one's end is the end of all. */
  readonly containers: readonly string[];
  /** What happens when the one before still runs. */
  readonly concurrency: "forbid" | "allow";
  /** Seconds. */
  readonly timeout: number;
}

export const LABELS = {
  /** The scheduler that may start and stop it. */
  scheduled: "slipway.scheduled",
  /** Which entry it belongs to. */
  entry: "slipway.entry",
  /** On a copy that was made for one run. */
  run: "slipway.run",
} as const;

/** The name of a container that leaves when its run ends: a running one cannot get a label. */
export const leavingName = (name: string, id: string): string => `${name}-leaving-${id.slice(0, 8)}`;
export const LEAVING = /-leaving-[0-9a-f]{8}$/;
export const isLeaving = (name: string): boolean => LEAVING.test(name);

/** Of a container that is being made. */
export const unfinishedName = (name: string): string => `${name}-unfinished`;
export const isUnfinished = (name: string): boolean => name.endsWith("-unfinished");
