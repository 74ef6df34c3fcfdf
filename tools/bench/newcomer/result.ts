import { z } from "zod";

/** The phases of a first deploy, as a person would name them, one after the other. */
export const PHASES = ["start", "docker", "proxy", "build", "transfer", "release"] as const;
export type PhaseName = (typeof PHASES)[number];

/** From a folder with an app and a Dockerfile to its first answer, on a new server. Medians. */
export const NewcomerRow = z.object({
  rounds: z.number(),
  /** From `slipway deploy` to the first 200. */
  first_answer_s: z.number(),
  /** To the prompt. */
  wall_s: z.number(),
  /** In seconds from the command on. */
  phases: z.array(z.object({ phase: z.enum(PHASES), from_s: z.number(), to_s: z.number() })),
});
export type NewcomerRow = z.infer<typeof NewcomerRow>;
