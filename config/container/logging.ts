import { z } from "zod";
import type { Logging } from "../../core/container/logging.ts";
import { field, section } from "../schema/section.ts";
import { asText, scalar } from "./label.ts";

export const LoggingSection = section({
  driver: field(z.string().min(1), { is: "Docker's logging driver.", default: "json-file", example: "local" }),
  options: field(z.record(z.string(), scalar), {
    is: "Options of the driver. With json-file and local, max-size is 10m unless written.",
    default: { "max-size": "10m" },
    example: { "max-size": "100m", "max-file": 3 },
  }),
});
type LoggingInput = z.infer<typeof LoggingSection>;

/** Logs must not fill the disk of a host where they are not configured. */
const BOUNDED = { "max-size": "10m" };

export function resolveLogging(root: LoggingInput = {}, role: LoggingInput = {}): Logging {
  const driver = role.driver ?? root.driver ?? "json-file";
  const bound = driver === "json-file" || driver === "local" ? BOUNDED : {};
  return { driver, options: { ...bound, ...asText({ ...root.options, ...role.options }) } };
}
