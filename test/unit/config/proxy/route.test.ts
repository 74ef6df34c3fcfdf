import { describeRefusals, web } from "../refusals.ts";

const host = "shop.example.com";

describeRefusals("proxy", [
  ["refuses ssl without a host", { proxy: { ssl: true } }, "proxy.ssl needs a host: a certificate is issued for a host name"],
  [
    "refuses ssl with a wildcard",
    { proxy: { host: "*.example.com", ssl: true } },
    "proxy.ssl no automatic certificate is possible for the wildcard *.example.com",
  ],
  [
    "refuses ssl below a path",
    { proxy: { host, ssl: true, path_prefix: "/api" } },
    "proxy.ssl needs the path prefix /: only a service at / can have a certificate",
  ],
  [
    "refuses ssl on several hosts",
    { servers: ["a.example.com", "b.example.com"], proxy: { host, ssl: true } },
    `proxy.ssl works on one host only, but ${host} is on 2: each would request the same certificate; provide a certificate, or give each host its own name`,
  ],
  ["refuses staging without ssl", { proxy: { ssl_staging: true } }, "proxy.ssl_staging needs ssl: true"],
  [
    "points at the role that wrote the key",
    web({ proxy: { ssl: true } }),
    "servers.web.proxy.ssl needs a host: a certificate is issued for a host name",
  ],
  ["refuses host together with hosts", { proxy: { host, hosts: [host] } }, "proxy.hosts set host or hosts, not both"],
  [
    "refuses path_prefix together with path_prefixes",
    { proxy: { path_prefix: "/a", path_prefixes: ["/a"] } },
    "proxy.path_prefixes set path_prefix or path_prefixes, not both",
  ],
  [
    "refuses a URL as host",
    { proxy: { host: "https://shop.example.com/" } },
    'proxy.host "https://shop.example.com/" is not a host name; write it without https:// and path',
  ],
  [
    "refuses a relative path prefix",
    { proxy: { path_prefixes: ["/a", "b"] } },
    'proxy.path_prefixes[1] "b" should be a path that begins with /',
  ],
  ["refuses a relative health check", { proxy: { healthcheck: { path: "up" } } }, "proxy.healthcheck.path should begin with /"],
  [
    "refuses a canonical host that is none of the hosts",
    { proxy: { host, canonical_host: "x.example.com" } },
    `proxy.canonical_host should be one of the hosts: ${host}`,
  ],
  [
    "refuses a limit of requests without buffering",
    { proxy: { buffering: { requests: false, max_request_body: 1 } } },
    "proxy.buffering.max_request_body needs buffering.requests",
  ],
  [
    "refuses a limit of responses without buffering",
    { proxy: { buffering: { responses: false, max_response_body: 1 } } },
    "proxy.buffering.max_response_body needs buffering.responses",
  ],
  [
    "refuses a port that is not published",
    { proxy: { run: { publish: false, http_port: 8080 } } },
    "proxy.run.http_port not allowed with publish: false",
  ],
  [
    "refuses an address to bind that is none",
    { proxy: { run: { bind_ips: ["localhost"] } } },
    'proxy.run.bind_ips[0] "localhost" is not an IP address',
  ],
  [
    "refuses one port for HTTP and HTTPS",
    { proxy: { run: { http_port: 443 } } },
    "proxy.run.https_port should differ from http_port",
  ],
  [
    "refuses a proxy that is too old",
    { proxy: { run: { version: "v0.9.1" } } },
    "proxy.run.version is too old: v0.9.2 or newer is needed",
  ],
  [
    "refuses a log size that is none",
    { proxy: { run: { log_max_size: "big" } } },
    'proxy.run.log_max_size "big" is not a size: write 10m or 1g',
  ],
  [
    "refuses two roles for one name on one host",
    { servers: { web: [host], admin: { hosts: [host], proxy: true } }, proxy: { host } },
    `servers.admin.proxy ${host} on ${host} is already routed to the role web: use a different host or path_prefix`,
  ],
]);
