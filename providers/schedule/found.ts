import { z } from "zod";
import { inState } from "../steps/finding.ts";

/** How the last run of something went. */
export const LastRun = z.object({
  /** When it ended, in ISO 8601. */
  at: z.string(),
  seconds: z.number(),
  code: z.number(),
  /** The last line that it wrote. */
  said: z.string(),
});
export type LastRun = z.infer<typeof LastRun>;

/** A container of a schedule. */
export const FoundPart = z.object({
  id: z.string(),
  name: z.string(),
  /** Whether it is this schedule's; nobody else's is touched. */
  ours: z.boolean(),
  /** The spec hash of its label; empty on one of somebody else. */
  spec: z.string(),
  /** Which backup or job it belongs to: `backup db`, `job cleanup`; empty for the scheduler. */
  entry: z.string(),
  running: z.boolean(),
  /** For people: `running`, `stopped with code 1`. */
  status: z.string(),
  /** Since when it is there, in ISO 8601. */
  created: z.string(),
  last: LastRun.optional(),
});
export type FoundPart = z.infer<typeof FoundPart>;

/** What is backed up: the accessory's container. */
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
      /** Those of this schedule, and strangers under names that it wants. */
      parts: z.array(FoundPart),
      /** By container; an accessory that is not there is missing. */
      accessories: z.record(z.string(), FoundAccessoryPart),
    }),
    z.object({ kind: z.literal("unreachable"), reason: z.string() }),
  ]),
);
export type FoundSchedule = z.infer<typeof FoundSchedule>;
export type ReachedSchedule = Extract<FoundSchedule, { kind: "present" }>;

export const NOTHING_FOUND: ReachedSchedule = { kind: "present", parts: [], accessories: {} };
