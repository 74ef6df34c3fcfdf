import { z } from "zod";
import { sizeText } from "./size.ts";

const seconds = z.number();
const count = z.number().int().nonnegative();

/**
 * How kamal-proxy serves one role: every option of `kamal-proxy deploy` that Slipway sets. Made from the config, kept in the
 * plan, compared with the proxy's own state, and turned into the proxy's arguments: one type throughout.
 */
export const RouteOptions = z.object({
  /** Host names that reach this role; none means every host name. */
  hosts: z.array(z.string()),
  pathPrefixes: z.array(z.string()),
  stripPathPrefix: z.boolean(),
  tls: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("off") }),
    /** Certificates from Let's Encrypt, or from its staging directory. */
    z.object({ kind: z.literal("acme"), staging: z.boolean() }),
    /** Files as the proxy's container sees them. */
    z.object({ kind: z.literal("certificate"), certificatePath: z.string(), privateKeyPath: z.string() }),
  ]),
  tlsRedirect: z.boolean(),
  /** All other host names redirect to this one. */
  canonicalHost: z.string().optional(),
  healthcheck: z.object({
    path: z.string(),
    interval: seconds,
    timeout: seconds,
    /** Absent: the app's port. */
    port: count.optional(),
    /** The `Host` header of the check. */
    host: z.string().optional(),
  }),
  responseTimeout: seconds,
  buffering: z.object({
    requests: z.boolean(),
    responses: z.boolean(),
    /** Bytes kept in memory before a body goes to disk. */
    memory: count,
    /** Bytes; 0 is no limit. */
    maxRequestBody: count,
    maxResponseBody: count,
  }),
  forwardHeaders: z.boolean(),
  logging: z.object({ requestHeaders: z.array(z.string()), responseHeaders: z.array(z.string()) }),
  scopeCookiePaths: z.boolean(),
  /** A folder of error pages, as the proxy's container sees it. */
  errorPages: z.string().optional(),
});
export type RouteOptions = z.infer<typeof RouteOptions>;

/** Bytes of the largest request body that a route takes; 0 is no limit. A body that is not buffered is never measured. */
const largestBodyOf = ({ buffering }: RouteOptions): number => (buffering.requests ? buffering.maxRequestBody : 0);

/** The largest request body that a route takes, before and after a change of it. */
export interface BodyLimitChange {
  readonly was: number;
  readonly is: number;
}

export function bodyLimitChange(found: RouteOptions, wanted: RouteOptions): BodyLimitChange | undefined {
  const change = { was: largestBodyOf(found), is: largestBodyOf(wanted) };
  return change.was === change.is ? undefined : change;
}

/** @example describeBodyLimit({ was: 0, is: 250_000_000 }) // "largest request body: no limit → 250 MB" */
export const describeBodyLimit = ({ was, is }: BodyLimitChange): string =>
  `largest request body: ${[was, is].map((bytes) => (bytes === 0 ? "no limit" : sizeText(bytes))).join(" → ")}`;

/** The route of one role of one service, without its targets. */
export const RouteSpec = RouteOptions.extend({
  /** The port of the app inside its container. */
  appPort: z.number().int(),
});
export type RouteSpec = z.infer<typeof RouteSpec>;
