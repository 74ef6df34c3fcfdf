import { z } from "zod";
import type { RouteSpec } from "../core/route.ts";
import { isAddress, isIP, quoted } from "./name.ts";
import type { Key, Place } from "./problem.ts";
import { ProxyRunSection } from "./proxy-run.ts";
import { type Absent, field, LATER, later, section } from "./section.ts";
import { portNumber } from "./ssh.ts";

const seconds = z.int().min(1);
const bytes = z.int().min(0);
const NO_CERTIFICATES = `own certificates are ${LATER}`;
const ABSENT: Absent = later(
  "error_pages",
  "error_pages_path",
  "read_target",
  "read_targets",
  "writer_affinity_timeout",
  "tls_on_demand_url",
);

const keys = {
  host: field(z.string().min(1), {
    is: "Host names, separated by commas; `*.example.com` is every name below.",
    otherwise: "every host name",
    refused: "beside hosts",
    example: "shop.example.com",
  }),
  hosts: field(z.array(z.string().min(1)), {
    is: "Host names, as a list.",
    otherwise: "every host name",
    refused: "beside host",
    example: ["shop.example.com", "www.example.com"],
  }),
  app_port: field(portNumber, { is: "The port of the app inside its container.", default: 80, example: 3000 }),
  ssl: field(
    z.boolean({ error: (issue) => (typeof issue.input === "object" && issue.input !== null ? NO_CERTIFICATES : undefined) }),
    {
      is: "Whether the proxy gets a certificate from Let's Encrypt.",
      default: false,
      refused: "without a host, with a wildcard, below a path, or for a role on several hosts",
      example: true,
    },
  ),
  ssl_staging: field(z.boolean(), {
    is: "Whether it comes from the staging directory: untrusted, without rate limits.",
    default: false,
    refused: "without ssl",
    example: true,
  }),
  ssl_redirect: field(z.boolean(), { is: "Whether HTTP is redirected to HTTPS when ssl is on.", default: true, example: false }),
  canonical_host: field(z.string().min(1), {
    is: "The host name that all others redirect to.",
    otherwise: "none",
    refused: "not one of the hosts",
    example: "shop.example.com",
  }),
  forward_headers: field(z.boolean(), {
    is: "Whether X-Forwarded-* of the client is believed: true behind a load balancer.",
    otherwise: "the opposite of ssl",
    example: true,
  }),
  response_timeout: field(seconds, { is: "Seconds that the app may take to answer.", default: 30, example: 60 }),
  path_prefix: field(z.string().min(1), {
    is: "Path prefixes, separated by commas.",
    default: "/",
    refused: "beside path_prefixes",
    example: "/api",
  }),
  path_prefixes: field(z.array(z.string().min(1)), {
    is: "Path prefixes, as a list.",
    default: ["/"],
    refused: "beside path_prefix",
    example: ["/api", "/oauth"],
  }),
  strip_path_prefix: field(z.boolean(), {
    is: "Whether the prefix is cut off before the app sees the path.",
    default: true,
    example: false,
  }),
  healthcheck: field(
    section({
      path: field(z.string().startsWith("/", { error: "should begin with /" }), {
        is: "What is asked; any 2xx answer is healthy.",
        default: "/up",
        example: "/healthz",
      }),
      interval: field(seconds, { is: "Seconds between two checks of the proxy.", default: 1, example: 2 }),
      timeout: field(seconds, { is: "Seconds that one check may take.", default: 5, example: 3 }),
      port: field(portNumber, { is: "Another port than the app's.", otherwise: "app_port", example: 9000 }),
      host: field(z.string().min(1), {
        is: "The Host header of the check.",
        otherwise: "the container's address",
        example: "shop.example.com",
      }),
    }),
    { is: "How a new container proves that it works.", example: { path: "/healthz" } },
  ),
  buffering: field(
    section({
      requests: field(z.boolean(), {
        is: "Whether a request is read whole before the app sees it.",
        default: true,
        example: false,
      }),
      responses: field(z.boolean(), {
        is: "Whether an answer is read whole before the client sees it; false for streaming.",
        default: true,
        example: false,
      }),
      memory: field(bytes, { is: "Bytes of a body kept in memory; more goes to disk.", default: 1_048_576, example: 2_000_000 }),
      max_request_body: field(bytes, {
        is: "Bytes that a request may have; 0 is no limit.",
        default: 0,
        refused: "when requests is false",
        example: 50_000_000,
      }),
      max_response_body: field(bytes, {
        is: "Bytes that an answer may have; 0 is no limit.",
        default: 0,
        refused: "when responses is false",
        example: 0,
      }),
    }),
    { is: "Whether bodies are collected, so that a slow client does not hold the app.", example: { responses: false } },
  ),
  logging: field(
    section({
      request_headers: field(z.array(z.string().min(1)), {
        is: "Headers of requests that are logged.",
        default: ["Cache-Control", "Last-Modified", "User-Agent"],
        example: ["X-Request-ID"],
      }),
      response_headers: field(z.array(z.string().min(1)), {
        is: "Headers of answers that are logged.",
        default: [],
        example: ["X-Request-Start"],
      }),
    }),
    { is: "What the proxy writes of each request.", example: { request_headers: ["X-Request-ID"] } },
  ),
  scope_cookie_paths: field(z.boolean(), {
    is: "Whether the paths of cookies are put below the path prefix.",
    default: false,
    example: true,
  }),
};

export const ProxySection = section(
  {
    ...keys,
    run: field(ProxyRunSection, {
      is: "How the proxy's container runs; one per host. Changing it restarts the proxy.",
      example: { http_port: 8080 },
    }),
  },
  ABSENT,
);
export const RoleProxySection = section(keys, {
  ...ABSENT,
  run: "one proxy serves all roles of a host: write it under slipway:proxy.run",
});
type ProxyInput = z.infer<typeof RoleProxySection>;

/** A role's proxy: what the root says, with what the role says over it. */
export class RoleProxy {
  readonly merged: ProxyInput;
  readonly #role: Readonly<Record<string, unknown>>;
  readonly #rootPlace: Place;
  readonly #rolePlace: Place;

  constructor(root: ProxyInput, role: ProxyInput, rootPlace: Place, rolePlace: Place) {
    this.merged = mergeProxy(root, role);
    this.#role = role;
    this.#rootPlace = rootPlace;
    this.#rolePlace = rolePlace;
  }

  /** Where the person wrote the key that counts. */
  at(key: keyof ProxyInput, ...rest: Key[]): Place {
    const place = Object.hasOwn(this.#role, key) ? this.#rolePlace : this.#rootPlace;
    return place.at(key, ...rest);
  }
}

function mergeProxy(root: ProxyInput, role: ProxyInput): ProxyInput {
  const { host, hosts, path_prefix, path_prefixes, ...rest } = root;
  return {
    ...rest,
    ...(role.host === undefined && role.hosts === undefined ? { host, hosts } : {}),
    ...(role.path_prefix === undefined && role.path_prefixes === undefined ? { path_prefix, path_prefixes } : {}),
    ...role,
    healthcheck: { ...root.healthcheck, ...role.healthcheck },
    buffering: { ...root.buffering, ...role.buffering },
    logging: { ...root.logging, ...role.logging },
  };
}

const commas = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** @param machines how many hosts the role has */
export function resolveProxy(proxy: RoleProxy, machines: number): RouteSpec {
  const input = proxy.merged;
  const hosts = resolveHosts(proxy);
  const pathPrefixes = resolvePrefixes(proxy);
  const ssl = input.ssl ?? false;
  const requests = input.buffering?.requests ?? true;
  const responses = input.buffering?.responses ?? true;
  const { port, host } = input.healthcheck ?? {};
  refuseBadTls(proxy, hosts, pathPrefixes, machines);
  if (!requests && input.buffering?.max_request_body)
    proxy.at("buffering", "max_request_body").refuse("needs buffering.requests");
  if (!responses && input.buffering?.max_response_body)
    proxy.at("buffering", "max_response_body").refuse("needs buffering.responses");
  const canonicalHost = input.canonical_host?.toLowerCase();
  if (canonicalHost !== undefined && hosts.length > 0 && !hosts.includes(canonicalHost))
    proxy.at("canonical_host").refuse("should be one of the hosts");
  return {
    appPort: input.app_port ?? 80,
    hosts,
    pathPrefixes,
    stripPathPrefix: input.strip_path_prefix ?? true,
    tls: ssl ? { kind: "acme", staging: input.ssl_staging ?? false } : { kind: "off" },
    tlsRedirect: input.ssl_redirect ?? true,
    ...(canonicalHost === undefined ? {} : { canonicalHost }),
    healthcheck: {
      path: input.healthcheck?.path ?? "/up",
      interval: input.healthcheck?.interval ?? 1,
      timeout: input.healthcheck?.timeout ?? 5,
      ...(port === undefined ? {} : { port }),
      ...(host === undefined ? {} : { host }),
    },
    responseTimeout: input.response_timeout ?? 30,
    buffering: {
      requests,
      responses,
      memory: input.buffering?.memory ?? 1_048_576,
      maxRequestBody: input.buffering?.max_request_body ?? 0,
      maxResponseBody: input.buffering?.max_response_body ?? 0,
    },
    forwardHeaders: input.forward_headers ?? !ssl,
    logging: {
      requestHeaders: input.logging?.request_headers ?? ["Cache-Control", "Last-Modified", "User-Agent"],
      responseHeaders: input.logging?.response_headers ?? [],
    },
    scopeCookiePaths: input.scope_cookie_paths ?? false,
  };
}

function resolveHosts(proxy: RoleProxy): string[] {
  const { host, hosts } = proxy.merged;
  if (host !== undefined && hosts !== undefined) proxy.at("hosts").refuse("specify one of host and hosts, not both");
  const names = hosts ?? commas(host ?? "");
  names.forEach((name, at) => {
    const plain = name.startsWith("*.") ? name.slice(2) : name;
    if (isAddress(plain) && !(name !== plain && isIP(plain) !== 0)) return;
    const place = hosts === undefined ? proxy.at("host") : proxy.at("hosts", at);
    place.refuse(`${quoted(name)} is not a host name${name.includes("/") ? "; write it without https:// and path" : ""}`);
  });
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

function resolvePrefixes(proxy: RoleProxy): string[] {
  const { path_prefix, path_prefixes } = proxy.merged;
  if (path_prefix !== undefined && path_prefixes !== undefined)
    proxy.at("path_prefixes").refuse("specify one of path_prefix and path_prefixes, not both");
  const prefixes = path_prefixes ?? commas(path_prefix ?? "/");
  prefixes.forEach((prefix, at) => {
    const place = path_prefixes === undefined ? proxy.at("path_prefix") : proxy.at("path_prefixes", at);
    if (!/^\/[^\s?#]*$/.test(prefix)) place.refuse(`${quoted(prefix)} should be a path that begins with /`);
  });
  const normal = prefixes.map((prefix) => `/${prefix.replace(/^\/+|\/+$/g, "")}`);
  return normal.length === 0 ? ["/"] : [...new Set(normal)];
}

function refuseBadTls(proxy: RoleProxy, hosts: readonly string[], pathPrefixes: readonly string[], machines: number): void {
  const { ssl, ssl_staging } = proxy.merged;
  if (!ssl && ssl_staging) proxy.at("ssl_staging").refuse("needs ssl: true");
  if (!ssl) return;
  const wildcard = hosts.find((host) => host.startsWith("*."));
  const place = proxy.at("ssl");
  if (hosts.length === 0) place.refuse("needs a host: the certificate is for its name");
  if (wildcard !== undefined) place.refuse(`no automatic certificate for the wildcard ${wildcard}`);
  if (!pathPrefixes.includes("/")) place.refuse("needs the root path: only the service at / can have a certificate");
  if (machines > 1)
    place.refuse(`works on one host only, the role has ${machines}: each would ask for the same certificate; ${NO_CERTIFICATES}`);
}
