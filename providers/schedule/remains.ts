import { z } from "zod";
import { Address } from "../../hosts/index.ts";
import type { ScheduleInputs } from "./inputs.ts";

/** A schedule of which only its names are known: enough to remove it. Its containers are found by their label. */
export const ScheduleRemains = z
  .object({
    host: Address,
    stack: z.string().catch(""),
    service: z.string(),
    destination: z.string().optional(),
  })
  .transform(
    (names): ScheduleInputs => ({
      ...names,
      schema: 1,
      image: "none",
      programs: "",
      backups: {},
      jobs: {},
      secrets: {},
      status: "running",
    }),
  );
