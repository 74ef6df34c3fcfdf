import type { Preset } from "../../core/accessory/preset.ts";
import { readyAt } from "../../core/accessory/preset.ts";
import type { AccessoryReadiness } from "../../core/container/readiness.ts";
import type { RouteSpec } from "../../core/route.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Seconds } from "../../core/words.ts";
import { type HealthcheckInput, HealthcheckSection, resolveHealthcheck } from "../container/readiness.ts";
import { portNumber } from "../schema/port.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

export const AccessoryHealthcheckSection = section({
  ...HealthcheckSection.shape,
  tcp: field(portNumber, {
    is: "A port inside the container that is checked instead; an accepted connection is healthy.",
    otherwise: "none",
    refused: "together with path, port, host, cmd or interval",
    example: 9200,
  }),
});
type AccessoryHealthcheckInput = HealthcheckInput & { readonly tcp?: number | undefined };

/** What decides the readiness of an accessory without a health check. */
export interface Known {
  readonly preset: Preset | undefined;
  readonly containerPort: number | undefined;
  readonly proxy: RouteSpec | undefined;
  /** How long a container without any check must stay up. */
  readonly delay: Seconds;
}

/** Between two checks: waiting longer than necessary would add to the gap of a replacement. */
const CHECK_INTERVAL: Seconds = 0.25;
const CHECK_TIMEOUT: Seconds = 5;
const KEYS_OF_OTHER_CHECKS = ["path", "port", "host", "cmd", "interval"] as const;

export function resolveAccessoryReadiness(
  input: AccessoryHealthcheckInput | undefined,
  known: Known,
  place: ConfigPath,
): AccessoryReadiness {
  if (input === undefined) return usual(known);
  const { tcp, ...rest } = input;
  if (tcp === undefined) {
    // The HTTP check defaults to the port that clients use.
    const port = rest.cmd === undefined ? (rest.port ?? known.containerPort) : rest.port;
    return resolveHealthcheck({ ...rest, ...omitUndefined({ port }) }, place);
  }
  for (const key of KEYS_OF_OTHER_CHECKS)
    if (rest[key] !== undefined) place.at(key).refuse("not allowed together with tcp: set one of the two");
  return { by: "tcp", port: tcp, timeout: rest.timeout ?? CHECK_TIMEOUT };
}

function usual({ preset, containerPort, proxy, delay }: Known): AccessoryReadiness {
  if (preset !== undefined)
    return {
      by: "command",
      command: readyAt(preset, containerPort ?? preset.port),
      interval: CHECK_INTERVAL,
      timeout: CHECK_TIMEOUT,
    };
  if (proxy === undefined) return { by: "docker", delay };
  const { path, port = proxy.appPort, host, timeout } = proxy.healthcheck;
  return { by: "http", port, path, ...omitUndefined({ host }), timeout };
}
