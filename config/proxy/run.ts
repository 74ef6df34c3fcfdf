import { z } from "zod";
import { isSameAddress } from "../../core/address.ts";
import { isReference, isRegistry, isTag } from "../../core/image-reference.ts";
import { isOlder, isVersion } from "../../core/version.ts";
import { bytesOf } from "../container/options.ts";
import { isIP, quoted, withoutBrackets } from "../schema/name.ts";
import { portNumber } from "../schema/port.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

/** How the proxy's container runs: one per host, shared by all apps there. */
export interface ProxyRun {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Whether its ports are published on the host. */
  readonly publish: boolean;
  /** Addresses of the host that it listens on; empty means all. */
  readonly bindIps: readonly string[];
  readonly metricsPort: number | undefined;
  readonly debug: boolean;
  readonly logMaxSize: string;
  /** The registry of its image; undefined means Docker Hub. */
  readonly registry: string | undefined;
  readonly repository: string;
  readonly version: string;
}

export const ProxyRunSection = section(
  {
    http_port: field(portNumber, {
      is: "Port of the host for HTTP.",
      default: 80,
      refused: "with publish: false",
      example: 8080,
    }),
    https_port: field(portNumber, {
      is: "Port of the host for HTTPS.",
      default: 443,
      refused: "with publish: false",
      example: 8443,
    }),
    publish: field(z.boolean(), { is: "Whether the proxy's ports are published on the host.", default: true, example: false }),
    bind_ips: field(z.array(z.string()), {
      is: "Addresses of the host that the proxy listens on.",
      otherwise: "all addresses",
      refused: "anything but IP addresses",
      example: ["203.0.113.10"],
    }),
    metrics_port: field(portNumber, {
      is: "Port of Prometheus metrics in the proxy's container; with publish, also on 127.0.0.1 of the host.",
      otherwise: "off",
      example: 9090,
    }),
    debug: field(z.boolean(), { is: "Whether the proxy logs at debug level.", default: false, example: true }),
    log_max_size: field(z.string(), { is: "Size at which Docker rotates the proxy's log.", default: "10m", example: "50m" }),
    registry: field(
      z
        .string()
        .refine((text) => isRegistry(text.split("/")[0] ?? ""), { error: "should be host or host:port, without https://" }),
      { is: "Registry of the proxy's image.", otherwise: "Docker Hub", example: "registry.example.com" },
    ),
    repository: field(z.string().min(1), {
      is: "Repository of the proxy's image.",
      default: "basecamp/kamal-proxy",
      example: "mirror/kamal-proxy",
    }),
    version: field(z.string().refine(isTag, { error: "is not a tag" }), {
      is: "Tag of the proxy's image.",
      default: "v0.9.2",
      refused: "older than v0.9.2",
      example: "v0.9.2",
    }),
  },
  { options: "not supported: the keys here are all that can be set; for others run a proxy of your own, with publish: false" },
);
type ProxyRunInput = z.infer<typeof ProxyRunSection>;

/** The oldest kamal-proxy with every option that Slipway sets. */
const OLDEST = "v0.9.2";

export function resolveProxyRun(input: ProxyRunInput = {}, place: ConfigPath): ProxyRun {
  if (input.publish === false) {
    for (const key of ["http_port", "https_port", "bind_ips"] as const) {
      if (input[key] !== undefined) place.at(key).refuse("not allowed with publish: false");
    }
  }
  (input.bind_ips ?? []).forEach((ip, at) => {
    const here = place.at("bind_ips", at);
    if (isIP(ip) === 0) here.refuse(`${quoted(ip)} is not an IP address${withoutBrackets(ip)}`);
    else if (input.bind_ips?.slice(0, at).some((other) => isSameAddress(other, ip))) here.refuse(`${quoted(ip)} is listed twice`);
  });
  const logMaxSize = input.log_max_size ?? "10m";
  if (bytesOf(logMaxSize) === undefined) place.at("log_max_size").refuse(`${quoted(logMaxSize)} is not a size: write 10m or 1g`);
  const repository = input.repository ?? "basecamp/kamal-proxy";
  if (!isReference([input.registry ?? "docker.io", repository].join("/")))
    place.at("repository").refuse(`${quoted(repository)} is not a repository: small letters, digits, ., - and _, without tag`);
  const version = input.version ?? OLDEST;
  // A tag that is not a version number is not judged.
  if (isVersion(version) && isOlder(version, OLDEST)) place.at("version").refuse(`is too old: ${OLDEST} or newer is needed`);
  const [httpPort, httpsPort] = [input.http_port ?? 80, input.https_port ?? 443];
  if (httpPort === httpsPort) place.at("https_port").refuse("should differ from http_port");
  return {
    httpPort,
    httpsPort,
    publish: input.publish ?? true,
    bindIps: input.bind_ips ?? [],
    metricsPort: input.metrics_port,
    debug: input.debug ?? false,
    logMaxSize,
    registry: input.registry,
    repository,
    version,
  };
}
