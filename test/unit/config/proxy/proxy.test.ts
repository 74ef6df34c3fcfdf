import { describe, expect, it } from "vitest";
import { problems, read, type Section } from "../fixture.ts";

const role = (changes: Section, name = "web") => read(changes).roles.find((one) => one.name === name);

describe("proxy", () => {
  const route = (proxy: Section) => role({ proxy })?.proxy;

  it("splits names and paths at commas, and brings them into one form", () => {
    expect(route({ host: "Shop.example.com, www.example.com", path_prefix: "/api/,/oauth" })).toMatchObject({
      hosts: ["shop.example.com", "www.example.com"],
      pathPrefixes: ["/api", "/oauth"],
    });
  });

  it("believes no forwarded headers when it terminates TLS itself", () => {
    expect(route({ host: "a.example.com", ssl: true, ssl_staging: true })).toMatchObject({
      forwardHeaders: false,
      tls: { kind: "acme", staging: true },
    });
    expect(route({ host: "a.example.com", ssl: true, forward_headers: true })).toMatchObject({ forwardHeaders: true });
  });

  it("carries every option of kamal-proxy", () => {
    const proxy = {
      hosts: ["a.example.com", "*.b.example.com"],
      app_port: 3000,
      ssl_redirect: false,
      canonical_host: "a.example.com",
      forward_headers: false,
      response_timeout: 60,
      path_prefixes: ["/"],
      strip_path_prefix: false,
      healthcheck: { path: "/ok", interval: 2, timeout: 3, port: 9000, host: "health.example.com" },
      buffering: { requests: true, responses: false, memory: 1, max_request_body: 2 },
      logging: { request_headers: ["A"], response_headers: ["B"] },
      scope_cookie_paths: true,
    };
    expect(route(proxy)).toEqual({
      hosts: ["a.example.com", "*.b.example.com"],
      appPort: 3000,
      tls: { kind: "off" },
      tlsRedirect: false,
      canonicalHost: "a.example.com",
      forwardHeaders: false,
      responseTimeout: 60,
      pathPrefixes: ["/"],
      stripPathPrefix: false,
      healthcheck: { path: "/ok", interval: 2, timeout: 3, port: 9000, host: "health.example.com" },
      buffering: { requests: true, responses: false, memory: 1, maxRequestBody: 2, maxResponseBody: 0 },
      logging: { requestHeaders: ["A"], responseHeaders: ["B"] },
      scopeCookiePaths: true,
    });
  });

  it("bounds what a client can write to the disk, unless the config says otherwise or nothing is written", () => {
    const limit = (buffering: Section) => route({ buffering })?.buffering.maxRequestBody;
    expect([limit({}), limit({ max_request_body: 0 }), limit({ max_request_body: 7 }), limit({ requests: false })]).toEqual([
      250_000_000, 0, 7, 0,
    ]);
  });

  it("is on for the primary role alone, unless a role says otherwise", () => {
    const proxied = (parts: Record<string, unknown>) => {
      const servers = Object.fromEntries(
        Object.entries(parts).map(([name, proxy]) => [name, { hosts: [`${name}.example.com`], proxy }]),
      );
      return read({ servers })
        .roles.filter(({ proxy }) => proxy)
        .map(({ name }) => name);
    };
    expect(proxied({ web: undefined, jobs: undefined })).toEqual(["web"]);
    expect(proxied({ web: false, jobs: true })).toEqual(["jobs"]);
    expect(proxied({ web: true, jobs: {} })).toEqual(["web", "jobs"]);
  });

  it("lays a role's map over the root's", () => {
    const servers = {
      web: ["a.example.com"],
      admin: { hosts: ["a.example.com"], proxy: { hosts: ["admin.example.com"], healthcheck: { path: "/ok" } } },
    };
    const { roles } = read({ servers, proxy: { host: "shop.example.com", app_port: 3000, healthcheck: { timeout: 9 } } });
    expect(roles[1]?.proxy).toMatchObject({
      hosts: ["admin.example.com"],
      appPort: 3000,
      healthcheck: { path: "/ok", timeout: 9, interval: 1 },
    });
  });

  it("types how its container runs", () => {
    const run = {
      http_port: 8080,
      https_port: 8443,
      bind_ips: ["203.0.113.10", "::1"],
      metrics_port: 9090,
      debug: true,
      log_max_size: "50m",
      registry: "registry.example.com:5000",
      repository: "mirror/kamal-proxy",
      version: "v0.10.0",
    };
    expect(read({ proxy: { run } }).proxyRun).toEqual({
      httpPort: 8080,
      httpsPort: 8443,
      publish: true,
      bindIps: ["203.0.113.10", "::1"],
      metricsPort: 9090,
      debug: true,
      logMaxSize: "50m",
      registry: "registry.example.com:5000",
      repository: "mirror/kamal-proxy",
      version: "v0.10.0",
    });
  });
});

it("refuses what is not the name of a header", () => {
  for (const name of ["", "A B", "A\nB", "A,B", "A:"])
    expect(problems({ proxy: { logging: { request_headers: [name] } } })).toEqual([
      "slipway:proxy.logging.request_headers[0] is not the name of a header",
    ]);
});
