import type { RouteOptions } from "../../core/route.ts";
import type { Seconds } from "../../core/words.ts";

/** How long new targets may take to become healthy, and old ones to drain. */
export interface ProxyTimeouts {
  readonly deploy: Seconds;
  readonly drain: Seconds;
}

/** Which requests reach the canary: a percentage of the values of the cookie `kamal-rollout`, and the values listed. */
export interface RolloutShare {
  readonly percent?: number;
  readonly allow?: readonly string[];
}

export function deployArguments(
  service: string,
  targets: readonly string[],
  options: RouteOptions,
  timeouts: ProxyTimeouts,
): readonly string[] {
  const { buffering, healthcheck, logging, tls } = options;
  return command(
    ["deploy", service],
    [
      ...each("target", targets),
      ...each("host", options.hosts),
      ...each("path-prefix", options.pathPrefixes),
      ["strip-path-prefix", options.stripPathPrefix],
      ["tls", tls.kind !== "off"],
      ["tls-staging", tls.kind === "acme" && tls.staging ? true : undefined],
      ["tls-certificate-path", tls.kind === "certificate" ? tls.certificatePath : undefined],
      ["tls-private-key-path", tls.kind === "certificate" ? tls.privateKeyPath : undefined],
      ["tls-redirect", options.tlsRedirect],
      ["canonical-host", options.canonicalHost],
      ...timeoutFlags(timeouts),
      ["health-check-path", healthcheck.path],
      ["health-check-interval", milliseconds(healthcheck.interval)],
      ["health-check-timeout", milliseconds(healthcheck.timeout)],
      ["health-check-port", healthcheck.port],
      ["health-check-host", healthcheck.host],
      ["target-timeout", milliseconds(options.responseTimeout)],
      ["buffer-requests", buffering.requests],
      ["buffer-responses", buffering.responses],
      ["buffer-memory", buffering.memory],
      // The proxy refuses these two flags, even with their default, unless that buffer is on.
      ["max-request-body", buffering.requests ? buffering.maxRequestBody : undefined],
      ["max-response-body", buffering.responses ? buffering.maxResponseBody : undefined],
      ["forward-headers", options.forwardHeaders],
      ...each("log-request-header", logging.requestHeaders),
      ...each("log-response-header", logging.responseHeaders),
      ["scope-cookie-paths", options.scopeCookiePaths],
      ["error-pages", options.errorPages],
    ],
  );
}

/** Sets the targets of the canary. */
export const rolloutDeployArguments = (service: string, targets: readonly string[], timeouts: ProxyTimeouts): readonly string[] =>
  command(["rollout", "deploy", service], [...each("target", targets), ...timeoutFlags(timeouts)]);

/** Sets the share of the canary. Always both flags: the proxy resets the one that is missing. */
export const rolloutSetArguments = (service: string, { percent = 0, allow = [] }: RolloutShare): readonly string[] =>
  command(["rollout", "set", service], [["percent", percent], ...each("list", allow)]);

/** Answers every request with 503. */
export const stopArguments = (service: string, { drain, message }: { drain: Seconds; message: string }): readonly string[] =>
  command(
    ["stop", service],
    [
      ["drain-timeout", milliseconds(drain)],
      ["message", message],
    ],
  );

/** Marks are smaller than this. */
export const MARKS = 1_000_000;

/** Holds requests. The mark is in the nanoseconds of `max-pause`, where it can be read back and has no effect. */
export const pauseArguments = (
  service: string,
  { drain, maxPause, mark }: { drain: Seconds; maxPause: Seconds; mark: number },
): readonly string[] =>
  command(
    ["pause", service],
    [
      ["drain-timeout", milliseconds(drain)],
      ["max-pause", `${milliseconds(maxPause)}${mark}ns`],
    ],
  );

type Flag = readonly [name: string, value: string | number | boolean | undefined];

const command = (words: readonly string[], flags: readonly Flag[]): readonly string[] => [
  "kamal-proxy",
  ...words,
  ...flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
];

const each = (flag: string, values: readonly string[]): readonly Flag[] => values.map((value) => [flag, inList(value)] as const);

const timeoutFlags = ({ deploy, drain }: ProxyTimeouts): readonly Flag[] => [
  ["deploy-timeout", milliseconds(deploy)],
  ["drain-timeout", milliseconds(drain)],
];

/** kamal-proxy parses the value of a repeatable flag as a line of CSV. */
const inList = (value: string): string => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

const milliseconds = (seconds: Seconds): string => `${Math.round(seconds * 1000)}ms`;
