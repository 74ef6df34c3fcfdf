import { z } from "zod";
import type { Readiness } from "../../core/container/readiness.ts";
import { omitUndefined } from "../../core/values.ts";
import type { Seconds } from "../../core/words.ts";
import { portNumber } from "../schema/port.ts";
import type { Place } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";
import { splitCommand } from "./command.ts";

const seconds = z.int().min(1);

export const HealthcheckSection = section({
  path: field(z.string().startsWith("/", { error: "should begin with /" }), {
    is: "What is asked over HTTP; any 2xx answer is healthy.",
    default: "/up",
    refused: "beside cmd",
    example: "/healthz",
  }),
  port: field(portNumber, {
    is: "The port inside the container that is asked over HTTP.",
    refused: "missing without cmd; beside cmd",
    example: 9000,
  }),
  host: field(z.string().min(1), {
    is: "The Host header of the question.",
    otherwise: "the container's address",
    refused: "beside cmd",
    example: "jobs.example.com",
  }),
  cmd: field(z.union([z.string(), z.array(z.string()).min(1)]), {
    is: "A command that runs in the container instead; exit code 0 is healthy. No shell runs it.",
    otherwise: "none",
    refused: "beside path, port and host",
    example: "bin/jobs --check",
  }),
  interval: field(seconds, {
    is: "Seconds between two runs of the command.",
    default: 1,
    refused: "without cmd",
    example: 2,
  }),
  timeout: field(seconds, { is: "Seconds that one answer, or one run of the command, may take.", default: 5, example: 3 }),
});
export type HealthcheckInput = z.infer<typeof HealthcheckSection>;

/** What a role says of how its containers prove themselves. */
export interface ReadinessInput {
  readonly healthcheck?: HealthcheckInput | undefined;
  readonly readiness_delay?: Seconds | undefined;
}

/** Of a role that the proxy routes to: the proxy's health check proves it, and nothing else does. */
export function resolveRouteReadiness(input: ReadinessInput, place: Place): Readiness {
  if (input.healthcheck !== undefined) place.at("healthcheck").refuse("write it under proxy.healthcheck");
  if (input.readiness_delay !== undefined)
    place.at("readiness_delay").refuse("has no meaning for a proxied role: its health check proves it");
  return { by: "route" };
}

/** @param delay what the root says */
export function resolveReadiness(input: ReadinessInput, delay: Seconds, place: Place): Readiness {
  const { healthcheck, readiness_delay } = input;
  if (healthcheck === undefined) return { by: "docker", delay: readiness_delay ?? delay };
  if (readiness_delay !== undefined) place.at("readiness_delay").refuse("has no meaning beside healthcheck");
  return resolveHealthcheck(healthcheck, place.at("healthcheck"));
}

const OF_HTTP = ["path", "port", "host"] as const;

export function resolveHealthcheck(input: HealthcheckInput, place: Place): Exclude<Readiness, { by: "route" }> {
  const { path = "/up", port, host, cmd, interval, timeout = 5 } = input;
  if (cmd !== undefined) {
    for (const key of OF_HTTP) if (input[key] !== undefined) place.at(key).refuse("beside cmd: ask over HTTP, or run a command");
    const command = typeof cmd === "string" ? splitCommand(cmd, place.at("cmd")) : cmd;
    return { by: "command", command, interval: interval ?? 1, timeout };
  }
  if (port === undefined) place.at("port").refuse("is required: the port that answers, or write cmd");
  if (interval !== undefined) place.at("interval").refuse("needs cmd");
  return { by: "http", port: port ?? 0, path, ...omitUndefined({ host }), timeout };
}
