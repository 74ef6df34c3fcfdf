import { z } from "zod";
import { invalid } from "./api-error.ts";
import type { Service } from "./objects.ts";

const Port = z.number().int().min(1).max(65_535);
const Http = z.object({
  cookie_name: z.string().optional(),
  cookie_lifetime: z.number().optional(),
  certificates: z.array(z.number()).optional(),
  redirect_http: z.boolean().optional(),
  sticky_sessions: z.boolean().optional(),
  timeout_idle: z.number().optional(),
});
const CheckHttp = z.object({
  domain: z.string().nullish(),
  path: z.string().optional(),
  response: z.string().optional(),
  status_codes: z.array(z.string()).nullish(),
  tls: z.boolean().optional(),
});
const Check = z.object({
  protocol: z.enum(["http", "tcp"]).optional(),
  port: Port.optional(),
  interval: z.number().int().min(3).max(60).optional(),
  timeout: z.number().int().min(1).max(60).optional(),
  retries: z.number().int().min(1).max(5).optional(),
  http: CheckHttp.nullish(),
});
/** A service in a request: a new one, or its changes. */
export const ServiceBody = z.object({
  protocol: z.enum(["http", "https", "tcp"]).optional(),
  listen_port: Port.optional(),
  destination_port: Port.optional(),
  proxyprotocol: z.boolean().optional(),
  http: Http.nullish(),
  health_check: Check.nullish(),
});
export type ServiceBody = z.infer<typeof ServiceBody>;

/** Hetzner's defaults: ports and health check depend on the protocol. */
export function serviceFrom(body: ServiceBody, before?: Service): Service {
  const protocol = body.protocol ?? before?.protocol;
  if (protocol === undefined) throw invalid("protocol", "is needed");
  const usual = { http: 80, https: 443, tcp: undefined }[protocol];
  const listen_port = body.listen_port ?? before?.listen_port ?? usual;
  const destination_port = body.destination_port ?? before?.destination_port ?? (protocol === "tcp" ? undefined : 80);
  if (listen_port === undefined || destination_port === undefined)
    throw invalid("listen_port", "and destination_port are required for tcp");
  const service = {
    protocol,
    listen_port,
    destination_port,
    proxyprotocol: body.proxyprotocol ?? before?.proxyprotocol ?? false,
    http: protocol === "tcp" ? null : httpFrom(body, before),
  };
  if (protocol === "https" && service.http?.certificates.length === 0)
    throw invalid("http.certificates", "is required for https");
  if (protocol === "tcp" && body.http != null) throw invalid("http", "is not allowed for tcp");
  return { ...service, health_check: checkFrom(body, protocol, destination_port, before) };
}

function httpFrom({ http }: ServiceBody, before: Service | undefined): Service["http"] {
  const usual = { cookie_name: "HCLBSTICKY", cookie_lifetime: 300, certificates: [], redirect_http: false };
  return { ...usual, sticky_sessions: false, timeout_idle: 60, ...before?.http, ...known(http ?? {}) };
}

function checkFrom(
  body: ServiceBody,
  spoken: Service["protocol"],
  port: number,
  before: Service | undefined,
): Service["health_check"] {
  const check = body.health_check;
  const protocol = check?.protocol ?? before?.health_check.protocol ?? (spoken === "tcp" ? "tcp" : "http");
  const usual = { domain: "", path: "/", response: "", status_codes: ["2??", "3??"], tls: false };
  const http = { ...usual, ...before?.health_check.http, ...known(check?.http ?? {}) };
  return {
    port: check?.port ?? before?.health_check.port ?? port,
    interval: check?.interval ?? before?.health_check.interval ?? 15,
    timeout: check?.timeout ?? before?.health_check.timeout ?? 10,
    retries: check?.retries ?? before?.health_check.retries ?? 3,
    protocol,
    http: protocol === "http" ? http : null,
  };
}

type Known<T> = { [key in keyof T]: NonNullable<T[key]> };

const known = <T extends object>(given: T): Partial<Known<T>> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)) as Partial<Known<T>>;
