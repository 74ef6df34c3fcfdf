import type { Preset } from "../../core/accessory/preset.ts";
import { readyAt } from "../../core/accessory/preset.ts";
import type { AccessoryReadiness } from "../../core/container/readiness.ts";
import type { RouteSpec } from "../../core/route.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Seconds } from "../../core/words.ts";
import { type HealthcheckInput, HealthcheckSection, resolveHealthcheck } from "../container/readiness.ts";
import { portNumber } from "../schema/port.ts";
import type { Place } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

export const AccessoryHealthcheckSection = section({
  ...HealthcheckSection.shape,
  tcp: field(portNumber, {
    is: "A port inside the container instead: who takes a connection there is healthy.",
    otherwise: "none",
    refused: "beside path, port, host, cmd and interval",
    example: 9200,
  }),
});
type AccessoryHealthcheckInput = HealthcheckInput & { readonly tcp?: number | undefined };

/** What is known of an accessory that nobody wrote a health check for. */
export interface Known {
  readonly preset: Preset | undefined;
  readonly containerPort: number | undefined;
  readonly proxy: RouteSpec | undefined;
  /** What the root says of containers that nothing can be asked. */
  readonly delay: Seconds;
}

/** Between two questions: a database that stands still is a gap. */
const INTERVAL: Seconds = 0.25;
const PATIENCE: Seconds = 5;
const NOT_BESIDE_TCP = ["path", "port", "host", "cmd", "interval"] as const;

export function resolveAccessoryReadiness(
  input: AccessoryHealthcheckInput | undefined,
  known: Known,
  place: Place,
): AccessoryReadiness {
  if (input === undefined) return usual(known);
  const { tcp, ...rest } = input;
  if (tcp === undefined) {
    // Where others ask is where we ask, unless it runs a command.
    const port = rest.cmd === undefined ? (rest.port ?? known.containerPort) : rest.port;
    return resolveHealthcheck({ ...rest, ...omitUndefined({ port }) }, place);
  }
  for (const key of NOT_BESIDE_TCP) if (rest[key] !== undefined) place.at(key).refuse("beside tcp: write one of the two");
  return { by: "tcp", port: tcp, timeout: rest.timeout ?? PATIENCE };
}

function usual({ preset, containerPort, proxy, delay }: Known): AccessoryReadiness {
  if (preset !== undefined)
    return { by: "command", command: readyAt(preset, containerPort ?? preset.port), interval: INTERVAL, timeout: PATIENCE };
  if (proxy === undefined) return { by: "docker", delay };
  const { path, port = proxy.appPort, host, timeout } = proxy.healthcheck;
  return { by: "http", port, path, ...omitUndefined({ host }), timeout };
}
