import { z } from "zod";
import { portNumber } from "../schema/port.ts";
import { type Absent, field, later, section } from "../schema/section.ts";
import { CertificateSection } from "./certificate.ts";
import { ProxyRunSection } from "./run.ts";

const seconds = z.int().min(1);
const bytes = z.int().min(0);
const ERROR_PAGES = "write it at the root: slipway:error_pages_path";
const ABSENT: Absent = {
  error_pages: ERROR_PAGES,
  error_pages_path: ERROR_PAGES,
  ...later("read_target", "read_targets", "writer_affinity_timeout", "tls_on_demand_url"),
};

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
  ssl: field(z.union([z.boolean(), CertificateSection]), {
    is: "Whether the proxy gets a certificate from Let's Encrypt; or a certificate of your own, which works on several hosts.",
    default: false,
    refused: "without a host, or below a path; from Let's Encrypt also with a wildcard, or for one host name on several hosts",
    example: true,
  }),
  ssl_staging: field(z.boolean(), {
    is: "Whether it comes from the staging directory: untrusted, without rate limits.",
    default: false,
    refused: "without ssl: true",
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
export type ProxyInput = z.infer<typeof RoleProxySection>;

const { host, hosts, canonical_host, ...alikeEverywhere } = keys;

/** What may differ between the hosts of one role. */
export const HostProxySection = section(
  { host, hosts, canonical_host },
  Object.fromEntries(
    Object.keys(alikeEverywhere).map((key) => [key, "the same on all hosts of a role: write it under the role's proxy"]),
  ),
);
export type HostProxyInput = z.infer<typeof HostProxySection>;
