import type { RouteOptions } from "../../core/route.ts";
import type { Seconds } from "../../core/words.ts";

/** How long a new target may take to be healthy, and the old one to end its requests. */
export interface ProxyTimeouts {
  readonly deploy: Seconds;
  readonly drain: Seconds;
}

/** Who reaches the canary: a share of the values that the cookie `kamal-rollout` can have, and these values. */
export interface RolloutShare {
  readonly percent?: number;
  readonly allow?: readonly string[];
}

/** Serves `service` from these targets, with these options. */
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
      ...waits(timeouts),
      ["health-check-path", healthcheck.path],
      ["health-check-interval", milliseconds(healthcheck.interval)],
      ["health-check-timeout", milliseconds(healthcheck.timeout)],
      ["health-check-port", healthcheck.port],
      ["health-check-host", healthcheck.host],
      ["target-timeout", milliseconds(options.responseTimeout)],
      ["buffer-requests", buffering.requests],
      ["buffer-responses", buffering.responses],
      ["buffer-memory", buffering.memory],
      // The proxy refuses these two, even at their default, unless that buffer is on.
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

/** Puts these targets into the place of the canary. */
export const rolloutDeployArguments = (service: string, targets: readonly string[], timeouts: ProxyTimeouts): readonly string[] =>
  command(["rollout", "deploy", service], [...each("target", targets), ...waits(timeouts)]);

/** Gives the canary its share. Both flags each time: what is left out, the proxy takes as none. */
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

/** More than the marks that there are. */
export const MARKS = 1_000_000;

/** Lets requests wait. The mark stands in the nanoseconds of the time, where it can be read again and does not matter. */
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

const waits = ({ deploy, drain }: ProxyTimeouts): readonly Flag[] => [
  ["deploy-timeout", milliseconds(deploy)],
  ["drain-timeout", milliseconds(drain)],
];

/** kamal-proxy reads the flags that may be repeated as lines of CSV. */
const inList = (value: string): string => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

const milliseconds = (seconds: Seconds): string => `${Math.round(seconds * 1000)}ms`;
