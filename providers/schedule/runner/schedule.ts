/** The configuration of a host's scheduler, in a file in its container; written by the provider of the same version. */
export interface Schedule {
  /** Its own container. It touches only containers whose label `slipway.scheduled` has this value. */
  readonly name: string;
  readonly entries: readonly Entry[];
}

/** Something that runs periodically. */
export interface Entry {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  /** Started in this order; when the first one ends, the run ends. */
  readonly containers: readonly string[];
  /** Whether a run may start while the previous one is still running. */
  readonly concurrency: "forbid" | "allow";
  /** Seconds. */
  readonly timeout: number;
}

export const LABELS = {
  /** The scheduler that starts and stops it. */
  scheduled: "slipway.scheduled",
  /** The entry that it belongs to. */
  entry: "slipway.entry",
  /** On a copy that was created for one run. */
  run: "slipway.run",
} as const;

/** The name of a replaced container that may finish its run: labels cannot be added to an existing container. */
export const leavingName = (name: string, id: string): string => `${name}-leaving-${id.slice(0, 8)}`;
export const LEAVING = /-leaving-[0-9a-f]{8}$/;
export const isLeaving = (name: string): boolean => LEAVING.test(name);

/** The name of a container that is being created. */
export const unfinishedName = (name: string): string => `${name}-unfinished`;
export const isUnfinished = (name: string): boolean => name.endsWith("-unfinished");
