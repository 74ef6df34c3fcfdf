import type { RouteSpec } from "../../core/route.ts";
import type { Bytes } from "../../core/words.ts";
import type { Secrets } from "../env/secret.ts";
import { isAddress, isIP, quoted } from "../schema/name.ts";
import type { ConfigPath, Key } from "../schema/problem.ts";
import { resolveCertificate } from "./certificate.ts";
import type { ErrorPages } from "./error-pages.ts";
import type { ProxyFileBook } from "./files.ts";
import type { ProxyInput } from "./proxy.ts";

/** One level of the config of a route: root, role or host. */
export interface Layer {
  readonly input: ProxyInput;
  readonly place: ConfigPath;
}

/** A route as configured: the host's keys over the role's over the root's. */
export class RouteConfig {
  readonly merged: ProxyInput;
  readonly #layers: readonly [Layer, ...Layer[]];

  constructor(...layers: [Layer, ...Layer[]]) {
    this.merged = layers.map(({ input }) => input).reduce(mergeProxy);
    this.#layers = layers;
  }

  /** Where the effective key is written. */
  at(key: keyof ProxyInput, ...rest: Key[]): ConfigPath {
    const { place } = this.#layers.findLast(({ input }) => Object.hasOwn(input, key)) ?? this.#layers[0];
    return place.at(key, ...rest);
  }
}

function mergeProxy(below: ProxyInput, above: ProxyInput): ProxyInput {
  const { host, hosts, path_prefix, path_prefixes, ...rest } = below;
  return {
    ...rest,
    ...(above.host === undefined && above.hosts === undefined ? { host, hosts } : {}),
    ...(above.path_prefix === undefined && above.path_prefixes === undefined ? { path_prefix, path_prefixes } : {}),
    ...above,
    healthcheck: { ...below.healthcheck, ...above.healthcheck },
    buffering: { ...below.buffering, ...above.buffering },
    logging: { ...below.logging, ...above.logging },
  };
}

/**
 * Of a body that is buffered, and of which all but `memory` is written to the disk that the host's databases use as well. Above what
 * browsers usually send (Cloudflare lets 100 MB through by default) and far below what fills a disk; kamal-proxy has no bound on all of them together.
 */
const LARGEST_BODY: Bytes = 250_000_000;

const commas = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** What the routes of an app share. */
export interface RouteContext {
  readonly secrets: Secrets | undefined;
  readonly errorPages: ErrorPages | undefined;
  /** Collects the files that routes need. */
  readonly files: ProxyFileBook;
}

export function resolveRoute(proxy: RouteConfig, context: RouteContext): RouteSpec {
  const input = proxy.merged;
  const hosts = resolveHosts(proxy);
  const pathPrefixes = resolvePrefixes(proxy);
  const requests = input.buffering?.requests ?? true;
  const responses = input.buffering?.responses ?? true;
  const { port, host } = input.healthcheck ?? {};
  refuseBadTls(proxy, hosts, pathPrefixes);
  const tls = resolveTls(proxy, hosts, context);
  if (!requests && input.buffering?.max_request_body)
    proxy.at("buffering", "max_request_body").refuse("needs buffering.requests");
  if (!responses && input.buffering?.max_response_body)
    proxy.at("buffering", "max_response_body").refuse("needs buffering.responses");
  const canonicalHost = input.canonical_host?.toLowerCase();
  if (canonicalHost !== undefined && hosts.length > 0 && !hosts.includes(canonicalHost))
    proxy.at("canonical_host").refuse(`should be one of the hosts: ${hosts.join(", ")}`);
  return {
    appPort: input.app_port ?? 80,
    hosts,
    pathPrefixes,
    stripPathPrefix: input.strip_path_prefix ?? true,
    tls,
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
      maxRequestBody: input.buffering?.max_request_body ?? (requests ? LARGEST_BODY : 0),
      maxResponseBody: input.buffering?.max_response_body ?? 0,
    },
    forwardHeaders: input.forward_headers ?? tls.kind === "off",
    logging: {
      requestHeaders: input.logging?.request_headers ?? ["Cache-Control", "Last-Modified", "User-Agent"],
      responseHeaders: input.logging?.response_headers ?? [],
    },
    scopeCookiePaths: input.scope_cookie_paths ?? false,
    ...(context.errorPages === undefined ? {} : { errorPages: context.files.addTexts(context.errorPages) }),
  };
}

function resolveHosts(proxy: RouteConfig): string[] {
  const { host, hosts } = proxy.merged;
  if (host !== undefined && hosts !== undefined) proxy.at("hosts").refuse("set host or hosts, not both");
  const names = hosts ?? commas(host ?? "");
  names.forEach((name, at) => {
    const plain = name.startsWith("*.") ? name.slice(2) : name;
    if (isAddress(plain) && !(name !== plain && isIP(plain) !== 0)) return;
    const place = hosts === undefined ? proxy.at("host") : proxy.at("hosts", at);
    place.refuse(`${quoted(name)} is not a host name${name.includes("/") ? "; write it without https:// and path" : ""}`);
  });
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

function resolvePrefixes(proxy: RouteConfig): string[] {
  const { path_prefix, path_prefixes } = proxy.merged;
  if (path_prefix !== undefined && path_prefixes !== undefined)
    proxy.at("path_prefixes").refuse("set path_prefix or path_prefixes, not both");
  const prefixes = path_prefixes ?? commas(path_prefix ?? "/");
  prefixes.forEach((prefix, at) => {
    const place = path_prefixes === undefined ? proxy.at("path_prefix") : proxy.at("path_prefixes", at);
    if (!/^\/[^\s?#]*$/.test(prefix)) place.refuse(`${quoted(prefix)} should be a path that begins with /`);
  });
  const normal = prefixes.map((prefix) => `/${prefix.replace(/^\/+|\/+$/g, "")}`);
  return normal.length === 0 ? ["/"] : [...new Set(normal)];
}

function resolveTls(proxy: RouteConfig, hosts: readonly string[], { secrets, files }: RouteContext): RouteSpec["tls"] {
  const { ssl = false, ssl_staging = false } = proxy.merged;
  if (typeof ssl === "boolean") return ssl ? { kind: "acme", staging: ssl_staging } : { kind: "off" };
  const certificate = resolveCertificate(ssl, hosts, secrets, proxy.at("ssl"));
  const folder = certificate === undefined ? "" : files.add(certificate.files, certificate.contents);
  return { kind: "certificate", certificatePath: `${folder}/cert.pem`, privateKeyPath: `${folder}/key.pem` };
}

function refuseBadTls(proxy: RouteConfig, hosts: readonly string[], pathPrefixes: readonly string[]): void {
  const { ssl = false, ssl_staging } = proxy.merged;
  if (ssl !== true && ssl_staging) proxy.at("ssl_staging").refuse("needs ssl: true");
  if (ssl === false) return;
  const wildcard = hosts.find((host) => host.startsWith("*."));
  const place = proxy.at("ssl");
  if (hosts.length === 0) place.refuse("needs a host: a certificate is issued for a host name");
  if (ssl === true && wildcard !== undefined) place.refuse(`no automatic certificate is possible for the wildcard ${wildcard}`);
  if (!pathPrefixes.includes("/")) place.refuse("needs the path prefix /: only a service at / can have a certificate");
}

/** Let's Encrypt validates a name with a request to it, which reaches only one of several machines behind it. */
export function refuseSharedAcme(routes: readonly { readonly proxy: RouteConfig; readonly spec: RouteSpec }[]): void {
  const automatic = routes.filter(({ spec }) => spec.tls.kind === "acme");
  for (const { proxy, spec } of automatic) {
    for (const name of spec.hosts) {
      const machines = automatic.filter((other) => other.spec.hosts.includes(name)).length;
      if (machines > 1)
        proxy
          .at("ssl")
          .refuse(
            `works on one host only, but ${name} is on ${machines}: each would request the same certificate; provide a certificate, or give each host its own name`,
          );
    }
  }
}
