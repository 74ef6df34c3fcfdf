import { z } from "zod";
import { inState, Unobserved } from "../steps/finding.ts";

/** The last run of a container. */
export const LastRun = z.object({
  /** When it ended, in ISO 8601. */
  at: z.string(),
  seconds: z.number(),
  code: z.number(),
  /** The last line of its log. */
  said: z.string(),
});
export type LastRun = z.infer<typeof LastRun>;

/** A container of a schedule. */
export const FoundPart = z.object({
  id: z.string(),
  name: z.string(),
  /** Whether it belongs to this schedule; no other container is touched. */
  ours: z.boolean(),
  /** The spec hash in its label; empty on containers of others. */
  spec: z.string(),
  /** The backup or job that it belongs to: `backup db`, `job cleanup`; empty for the scheduler. */
  entry: z.string(),
  running: z.boolean(),
  /** As shown: `running`, `stopped with code 1`. */
  status: z.string(),
  /** When it was created, in ISO 8601. */
  created: z.string(),
  last: LastRun.optional(),
});
export type FoundPart = z.infer<typeof FoundPart>;

/** The accessory that is backed up: its container. */
export const FoundAccessoryPart = z.object({
  /** The id of its image. */
  image: z.string(),
  mounts: z.array(z.object({ kind: z.string(), source: z.string(), target: z.string() })),
});
export type FoundAccessoryPart = z.infer<typeof FoundAccessoryPart>;

/** A schedule on its host, as found. */
export const FoundSchedule = inState(
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("present"),
      /** Containers of this schedule, and other containers under the names that it needs. */
      parts: z.array(FoundPart),
      /** By container; absent if the container is missing. */
      accessories: z.record(z.string(), FoundAccessoryPart),
      /** By how many seconds the host's clock is ahead of the one that asked, in whole minutes; absent for less than half a minute. */
      clockAhead: z.number().optional(),
    }),
    Unobserved,
  ]),
);
export type FoundSchedule = z.infer<typeof FoundSchedule>;
export type ObservedSchedule = Extract<FoundSchedule, { kind: "present" }>;

export const NOTHING_FOUND: ObservedSchedule = { kind: "present", parts: [], accessories: {} };
