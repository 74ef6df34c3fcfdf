import { z } from "zod";
import { portNumber } from "../schema/port.ts";
import { secondsFrom } from "../schema/seconds.ts";
import { field, later, section } from "../schema/section.ts";
import type { Absent } from "../schema/unknown-key.ts";
import { CertificateSection } from "./certificate.ts";
import { ProxyRunSection } from "./run.ts";

const seconds = secondsFrom(1);
const bytes = z.int().min(0);
const header = z.string().regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, { error: "is not the name of a header" });
const ERROR_PAGES = "set slipway:error_pages_path instead";
const ABSENT: Absent = {
  error_pages: ERROR_PAGES,
  error_pages_path: ERROR_PAGES,
  ...later("read_target", "read_targets", "writer_affinity_timeout", "tls_on_demand_url"),
};

const keys = {
  host: field(z.string().min(1), {
    is: "Host names, separated by commas; `*.example.com` matches every subdomain.",
    otherwise: "every host name",
    refused: "together with hosts",
    example: "shop.example.com",
  }),
  hosts: field(z.array(z.string().min(1)), {
    is: "Host names, as a list.",
    otherwise: "every host name",
    refused: "together with host",
    example: ["shop.example.com", "www.example.com"],
  }),
  app_port: field(portNumber, { is: "The port of the app inside its container.", default: 80, example: 3000 }),
  ssl: field(z.union([z.boolean(), CertificateSection]), {
    is: "Whether the proxy obtains a certificate from Let's Encrypt; or a custom certificate, which works on several hosts.",
    default: false,
    refused:
      "without a host; without the path prefix /; from Let's Encrypt also with a wildcard, or for one host name on several hosts",
    example: true,
  }),
  ssl_staging: field(z.boolean(), {
    is: "Whether the certificate comes from the staging directory: untrusted, without rate limits.",
    default: false,
    refused: "without ssl: true",
    example: true,
  }),
  ssl_redirect: field(z.boolean(), { is: "Whether HTTP is redirected to HTTPS, with ssl.", default: true, example: false }),
  canonical_host: field(z.string().min(1), {
    is: "The host name that all other ones redirect to.",
    otherwise: "none",
    refused: "not one of the hosts",
    example: "shop.example.com",
  }),
  forward_headers: field(z.boolean(), {
    is: "Whether X-Forwarded-* headers of the client are trusted: set it to true behind a load balancer.",
    otherwise: "the opposite of ssl",
    example: true,
  }),
  response_timeout: field(seconds, { is: "Seconds that the app may take to respond.", default: 30, example: 60 }),
  path_prefix: field(z.string().min(1), {
    is: "Path prefixes, separated by commas.",
    default: "/",
    refused: "together with path_prefixes",
    example: "/api",
  }),
  path_prefixes: field(z.array(z.string().min(1)), {
    is: "Path prefixes, as a list.",
    default: ["/"],
    refused: "together with path_prefix",
    example: ["/api", "/oauth"],
  }),
  strip_path_prefix: field(z.boolean(), {
    is: "Whether the prefix is removed from the path before the app gets it.",
    default: true,
    example: false,
  }),
  healthcheck: field(
    section({
      path: field(z.string().startsWith("/", { error: "should begin with /" }), {
        is: "Path of the check; any 2xx response is healthy.",
        default: "/up",
        example: "/healthz",
      }),
      interval: field(seconds, { is: "Seconds between two checks.", default: 1, example: 2 }),
      timeout: field(seconds, { is: "Timeout of one check, in seconds.", default: 5, example: 3 }),
      port: field(portNumber, { is: "Port of the check, inside the container.", otherwise: "app_port", example: 9000 }),
      host: field(z.string().min(1), {
        is: "Host header of the check.",
        otherwise: "the container's address",
        example: "shop.example.com",
      }),
    }),
    { is: "How a new container proves that it is ready.", example: { path: "/healthz" } },
  ),
  buffering: field(
    section({
      requests: field(z.boolean(), {
        is: "Whether a request is read completely before the app gets it.",
        default: true,
        example: false,
      }),
      responses: field(z.boolean(), {
        is: "Whether a response is read completely before the client gets it; set it to false for streaming.",
        default: true,
        example: false,
      }),
      memory: field(bytes, {
        is: "Bytes of a body that are kept in memory; the rest is written to disk.",
        default: 1_048_576,
        example: 2_000_000,
      }),
      max_request_body: field(bytes, {
        is: "Maximum size of a request in bytes; a larger one is answered with 413. 0 is no limit: then anyone can fill the disk, which databases share.",
        otherwise: "250000000 (250 MB); none when requests is false",
        refused: "when requests is false",
        example: 50_000_000,
      }),
      max_response_body: field(bytes, {
        is: "Maximum size of a response in bytes; 0 is no limit.",
        default: 0,
        refused: "when responses is false",
        example: 0,
      }),
    }),
    { is: "Whether bodies are buffered, so that a slow client does not block the app.", example: { responses: false } },
  ),
  logging: field(
    section({
      request_headers: field(z.array(header), {
        is: "Request headers that are logged.",
        default: ["Cache-Control", "Last-Modified", "User-Agent"],
        example: ["X-Request-ID"],
      }),
      response_headers: field(z.array(header), {
        is: "Response headers that are logged.",
        default: [],
        example: ["X-Request-Start"],
      }),
    }),
    { is: "What the proxy logs of each request.", example: { request_headers: ["X-Request-ID"] } },
  ),
  scope_cookie_paths: field(z.boolean(), {
    is: "Whether the path prefix is added to the paths of cookies.",
    default: false,
    example: true,
  }),
};

export const ProxySection = section(
  {
    ...keys,
    run: field(ProxyRunSection, {
      is: "How the proxy's container runs, one per host. A change restarts the proxy.",
      example: { http_port: 8080 },
    }),
  },
  ABSENT,
);
export const RoleProxySection = section(keys, {
  ...ABSENT,
  run: "one proxy serves all roles of a host: set it in slipway:proxy.run",
});
export type ProxyInput = z.infer<typeof RoleProxySection>;

const { host, hosts, canonical_host, ...alikeEverywhere } = keys;

/** What may differ between the hosts of one role. */
export const HostProxySection = section(
  { host, hosts, canonical_host },
  Object.fromEntries(
    Object.keys(alikeEverywhere).map((key) => [key, "must be the same on all hosts of a role: set it in the role's proxy"]),
  ),
);
export type HostProxyInput = z.infer<typeof HostProxySection>;
