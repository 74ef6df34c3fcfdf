import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import type { RouteOptions } from "../../core/route.ts";
import { parseJson } from "../../core/text.ts";
import { canonical } from "../../core/values.ts";
import type { Seconds } from "../../core/words.ts";
import { MARKS } from "./arguments.ts";

/** What kamal-proxy does for one service, as read from its state file. */
export interface Route {
  /** Its name in the proxy: `shop-web-production`. */
  readonly service: string;
  /** `<short container id>:<port>`. */
  readonly targets: readonly string[];
  readonly options: RouteOptions;
  readonly state: RouteState;
  /** The canary. Undefined if it has no targets or no share; without a share no request reaches its targets. */
  readonly rollout: Rollout | undefined;
  /** Of a paused service: the mark of the proxy process in which `KamalProxy` paused it; 0 if something else paused it. */
  readonly pausedIn?: number;
}

/** Requests reach the targets, are held until `resume`, or are answered with 503 and this message. */
export type RouteState =
  | { readonly kind: "running" }
  | { readonly kind: "paused" }
  | { readonly kind: "stopped"; readonly message: string };

/** Targets that serve a share of the visitors, selected by the cookie `kamal-rollout`; never visitors without it. */
export interface Rollout {
  readonly targets: readonly string[];
  /** Percentage of the possible cookie values. */
  readonly percent: number;
  /** Cookie values that are always sent to the canary. */
  readonly allow: readonly string[];
}

const NANOSECONDS = 1e9;
/** The numbers in the state file; running is 0. */
const PAUSED = 1;
const STOPPED = 2;
const LETS_ENCRYPT_STAGING = "acme-staging";

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const nanoseconds = z.number().transform((value): Seconds => value / NANOSECONDS);

/** One entry of kamal-proxy's state file (v0.9): the fields that are used here. */
const StateEntry = z.object({
  name: z.string(),
  active_targets: texts,
  options: z.object({
    hosts: texts,
    path_prefixes: texts,
    tls_enabled: z.boolean(),
    tls_certificate_path: text,
    tls_private_key_path: text,
    tls_redirect: z.boolean(),
    canonical_host: text,
    acme_directory: text,
    error_page_path: text,
    strip_prefix: z.boolean(),
  }),
  target_options: z.object({
    health_check_config: z.object({
      path: z.string(),
      port: z.number().default(0),
      interval: nanoseconds,
      timeout: nanoseconds,
      host: text,
    }),
    response_timeout: nanoseconds,
    buffer_requests: z.boolean(),
    buffer_responses: z.boolean(),
    max_memory_buffer_size: z.number(),
    max_request_body_size: z.number(),
    max_response_body_size: z.number(),
    log_request_headers: texts,
    log_response_headers: texts,
    forward_headers: z.boolean(),
    scope_cookie_paths: z.boolean().default(false),
  }),
  rollout_targets: texts,
  pause_controller: z.object({ state: z.number(), stop_message: text, fail_after: z.number().default(0) }).nullish(),
  rollout_controller: z.object({ percentage: z.number(), allowlist: texts }).nullish(),
});

/**
 * The routes in a state file; `undefined` if the text is incomplete. Only the first line counts, for the proxy as well: it may be
 * followed by the end of a longer text that was written at the same time.
 */
export function parseRoutes(json: string): Route[] | undefined {
  const entries = parseJson(json.split("\n", 1)[0] ?? "");
  return entries === undefined ? undefined : z.array(StateEntry).parse(entries).map(routeOf);
}

const NamedEntry = z.looseObject({ name: z.string() });

/** A state file without one service. All other entries stay as they are, with fields that are unknown here. */
export function withoutService(json: string, service: string): string {
  const entries = z.array(NamedEntry).safeParse(parseJson(json.split("\n", 1)[0] ?? ""));
  return entries.success ? `${JSON.stringify(entries.data.filter(({ name }) => name !== service))}\n` : json;
}

/** The first column of `kamal-proxy list`, which is coloured even without a terminal. */
export function parseServices(table: string): string[] {
  const [_heading, ...rows] = stripVTControlCharacters(table).trim().split("\n");
  return rows.map((row) => row.trim().split(/\s+/)[0] ?? "").filter((service) => service !== "");
}

function routeOf(entry: z.infer<typeof StateEntry>): Route {
  const { name, active_targets, options, target_options } = entry;
  const { health_check_config: check } = target_options;
  return {
    service: name,
    targets: active_targets,
    state: stateOf(entry),
    ...(entry.pause_controller?.state === PAUSED ? { pausedIn: entry.pause_controller.fail_after % MARKS } : {}),
    rollout: rolloutOf(entry),
    options: {
      hosts: options.hosts.filter((host) => host !== ""),
      pathPrefixes: options.path_prefixes,
      stripPathPrefix: options.strip_prefix,
      tls: tlsOf(options),
      tlsRedirect: options.tls_redirect,
      ...present({ canonicalHost: options.canonical_host, errorPages: options.error_page_path }),
      healthcheck: {
        path: check.path,
        interval: check.interval,
        timeout: check.timeout,
        ...(check.port === 0 ? {} : { port: check.port }),
        ...present({ host: check.host }),
      },
      responseTimeout: target_options.response_timeout,
      buffering: {
        requests: target_options.buffer_requests,
        responses: target_options.buffer_responses,
        memory: target_options.max_memory_buffer_size,
        maxRequestBody: target_options.max_request_body_size,
        maxResponseBody: target_options.max_response_body_size,
      },
      forwardHeaders: target_options.forward_headers,
      logging: { requestHeaders: target_options.log_request_headers, responseHeaders: target_options.log_response_headers },
      scopeCookiePaths: target_options.scope_cookie_paths,
    },
  };
}

function stateOf({ pause_controller: paused }: z.infer<typeof StateEntry>): RouteState {
  if (paused?.state === PAUSED) return { kind: "paused" };
  return paused?.state === STOPPED ? { kind: "stopped", message: paused.stop_message } : { kind: "running" };
}

/** `rollout stop` removes the share and leaves the targets. */
function rolloutOf({ rollout_targets: targets, rollout_controller: share }: z.infer<typeof StateEntry>): Rollout | undefined {
  return share && targets.length > 0 ? { targets, percent: share.percentage, allow: share.allowlist } : undefined;
}

function tlsOf(options: z.infer<typeof StateEntry>["options"]): RouteOptions["tls"] {
  if (!options.tls_enabled) return { kind: "off" };
  if (options.tls_certificate_path === "")
    return { kind: "acme", staging: options.acme_directory.includes(LETS_ENCRYPT_STAGING) };
  return { kind: "certificate", certificatePath: options.tls_certificate_path, privateKeyPath: options.tls_private_key_path };
}

const present = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));

/** The names of the options in which two routes differ; empty if the proxy would serve both in the same way. */
export function routeDifferences(found: RouteOptions, wanted: RouteOptions): string[] {
  const [a, b] = [normal(found), normal(wanted)];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])] as (keyof RouteOptions)[];
  const ours = keys.filter((key) => b.pathPrefixes.includes("/") || !ROOT_PATH_ONLY.has(key));
  return ours.filter((key) => canonical(a[key]) !== canonical(b[key])).sort();
}

/** For a service below a path, kamal-proxy applies and stores the values of the service at the root of that host name. */
const ROOT_PATH_ONLY: ReadonlySet<keyof RouteOptions> = new Set(["tls", "tlsRedirect"]);

/** Normalizes the options as kamal-proxy does. */
function normal(options: RouteOptions): RouteOptions {
  const { pathPrefixes, logging, buffering } = options;
  return {
    ...options,
    buffering: {
      ...buffering,
      maxRequestBody: buffering.requests ? buffering.maxRequestBody : 0,
      maxResponseBody: buffering.responses ? buffering.maxResponseBody : 0,
    },
    pathPrefixes: pathPrefixes.length === 0 ? ["/"] : pathPrefixes.map((prefix) => `/${prefix.replace(/^\/+|\/+$/g, "")}`),
    logging: { requestHeaders: logging.requestHeaders.map(headerCase), responseHeaders: logging.responseHeaders.map(headerCase) },
  };
}

const headerCase = (header: string): string => header.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
