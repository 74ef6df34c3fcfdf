import { z } from "zod";
import type { Readiness } from "../../core/container/readiness.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Seconds } from "../../core/words.ts";
import { portNumber } from "../schema/port.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { secondsFrom } from "../schema/seconds.ts";
import { field, section } from "../schema/section.ts";
import { resolveCommand } from "./command.ts";

const seconds = secondsFrom(1);

export const HealthcheckSection = section({
  path: field(z.string().startsWith("/", { error: "should begin with /" }), {
    is: "Path of the HTTP check; any 2xx response is healthy.",
    default: "/up",
    refused: "together with cmd",
    example: "/healthz",
  }),
  port: field(portNumber, {
    is: "Port of the HTTP check, inside the container.",
    refused: "missing without cmd; together with cmd",
    example: 9000,
  }),
  host: field(z.string().min(1), {
    is: "Host header of the HTTP check.",
    otherwise: "the container's address",
    refused: "together with cmd",
    example: "jobs.example.com",
  }),
  cmd: field(z.union([z.string(), z.array(z.string()).min(1)]), {
    is: "A command that is run in the container instead; exit code 0 is healthy. It is not run by a shell.",
    otherwise: "none",
    refused: "together with path, port or host",
    example: "bin/jobs --check",
  }),
  interval: field(seconds, {
    is: "Seconds between two runs of the command.",
    default: 1,
    refused: "without cmd",
    example: 2,
  }),
  timeout: field(seconds, { is: "Timeout of one check, in seconds.", default: 5, example: 3 }),
});
export type HealthcheckInput = z.infer<typeof HealthcheckSection>;

/** What a role configures about the readiness of its containers. */
export interface ReadinessInput {
  readonly healthcheck?: HealthcheckInput | undefined;
  readonly readiness_delay?: Seconds | undefined;
}

/** Of a proxied role: only the proxy's health check decides. */
export function resolveRouteReadiness(input: ReadinessInput, place: ConfigPath): Readiness {
  if (input.healthcheck !== undefined) place.at("healthcheck").refuse("write it under proxy.healthcheck");
  if (input.readiness_delay !== undefined)
    place.at("readiness_delay").refuse("not allowed for a proxied role: proxy.healthcheck decides");
  return { by: "route" };
}

/** @param delay the root's default */
export function resolveReadiness(input: ReadinessInput, delay: Seconds, place: ConfigPath): Readiness {
  const { healthcheck, readiness_delay } = input;
  if (healthcheck === undefined) return { by: "docker", delay: readiness_delay ?? delay };
  if (readiness_delay !== undefined) place.at("readiness_delay").refuse("not allowed together with healthcheck");
  return resolveHealthcheck(healthcheck, place.at("healthcheck"));
}

const HTTP_KEYS = ["path", "port", "host"] as const;

export function resolveHealthcheck(input: HealthcheckInput, place: ConfigPath): Exclude<Readiness, { by: "route" }> {
  const { path = "/up", port, host, cmd, interval, timeout = 5 } = input;
  if (cmd !== undefined) {
    for (const key of HTTP_KEYS)
      if (input[key] !== undefined) place.at(key).refuse("not allowed together with cmd: check over HTTP, or run a command");
    const command = resolveCommand(cmd, place.at("cmd")) ?? [];
    return { by: "command", command, interval: interval ?? 1, timeout };
  }
  if (port === undefined) place.at("port").refuse("is required: the port to check, or set cmd");
  if (interval !== undefined) place.at("interval").refuse("needs cmd");
  return { by: "http", port: port ?? 0, path, ...omitUndefined({ host }), timeout };
}
