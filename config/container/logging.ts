import { z } from "zod";
import type { Logging } from "../../core/container/logging.ts";
import type { ConfigPath } from "../schema/problem.ts";
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

/** One level of the config of logging, and where it is written. */
interface Layer {
  readonly input: LoggingInput | undefined;
  readonly place: ConfigPath;
}

/** @param layers each over those before it: the root's, then the role's */
export function resolveLogging(...layers: readonly Layer[]): Logging {
  const driver = layers.findLast(({ input }) => input?.driver !== undefined)?.input?.driver ?? "json-file";
  const bound = driver === "json-file" || driver === "local" ? BOUNDED : {};
  const options = layers.map(({ input, place }) => asText(input?.options ?? {}, place.at("options")));
  return { driver, options: Object.assign({ ...bound }, ...options) };
}
