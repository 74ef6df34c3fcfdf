import { z } from "zod";
import { BOUNDED, type Logging } from "../../core/container/logging.ts";
import { canonical } from "../../core/values.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";
import { asText, scalar } from "./label.ts";

export const LoggingSection = section({
  driver: field(z.string().min(1), {
    is: "Docker's logging driver.",
    otherwise: "json-file; with nothing under logging, the driver that the host's Docker is set to",
    example: "local",
  }),
  options: field(z.record(z.string(), scalar), {
    is: "Options of the driver. With json-file and local, max-size is 10m unless written.",
    default: { "max-size": "10m" },
    example: { "max-size": "100m", "max-file": 3 },
  }),
});
type LoggingInput = z.infer<typeof LoggingSection>;

/** One level of the config of logging, and where it is written. */
interface Layer {
  readonly input: LoggingInput | undefined;
  readonly place: ConfigPath;
}

/** @param layers each over those before it: the root's, then the role's */
export function resolveLogging(...layers: readonly Layer[]): Logging {
  const named = layers.findLast(({ input }) => input?.driver !== undefined)?.input?.driver;
  const driver = named ?? "json-file";
  const bound = driver === "json-file" || driver === "local" ? BOUNDED : {};
  const options = layers.map(({ input, place }) => asText(input?.options ?? {}, place.at("options")));
  const all: Logging["options"] = Object.assign({ ...bound }, ...options);
  // Only where nothing else shows that it was written: the mark is a part of the container's spec.
  const isWritten = named === "json-file" || options.some((own) => Object.keys(own).length > 0);
  return isWritten && driver === "json-file" && canonical(all) === canonical(BOUNDED)
    ? { driver, options: all, chosen: true }
    : { driver, options: all };
}
