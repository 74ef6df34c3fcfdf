import { describe, expect, it } from "vitest";
import type { RouteOptions } from "../../../../core/route.ts";
import {
  deployArguments,
  pauseArguments,
  rolloutDeployArguments,
  rolloutSetArguments,
  stopArguments,
} from "../../../../hosts/proxy/arguments.ts";
import { parseRoutes, routeDifferences, withoutService } from "../../../../hosts/proxy/route.ts";
import { ROUTE } from "../../providers/release/fixture.ts";

const { appPort: _port, ...PLAIN } = ROUTE;
const TIMEOUTS = { deploy: 30, drain: 2.5 };

/** An entry of kamal-proxy's state file (v0.9.2) after a plain `deploy`. */
const ENTRY = {
  name: "shop-web-production",
  options: {
    hosts: ["shop.example"],
    path_prefixes: ["/"],
    tls_enabled: false,
    tls_certificate_path: "",
    tls_private_key_path: "",
    tls_redirect: true,
    canonical_host: "",
    acme_directory: "",
    acme_cache_path: "/home/kamal-proxy/.config/kamal-proxy/certs",
    error_page_path: "",
    strip_prefix: true,
    writer_affinity_timeout: 3_000_000_000,
    read_targets_accept_websockets: false,
  },
  target_options: {
    health_check_config: { path: "/up", port: 0, interval: 1_000_000_000, timeout: 5_000_000_000, host: "" },
    response_timeout: 30_000_000_000,
    buffer_requests: true,
    buffer_responses: true,
    max_memory_buffer_size: 1_048_576,
    max_request_body_size: 0,
    max_response_body_size: 0,
    log_request_headers: null,
    log_response_headers: null,
    forward_headers: true,
    scope_cookie_paths: false,
  },
  active_targets: ["4d4d4d4d4d4d:3000"],
  active_readers: null,
  rollout_targets: null,
  rollout_readers: null,
  pause_controller: { state: 0, stop_message: "", fail_after: 0 },
  rollout_controller: null,
};
const FILE = JSON.stringify([ENTRY]);

describe("the proxy's state file", () => {
  it("loses one service, and keeps all that it says of the others", () => {
    const other = { ...ENTRY, name: "blog-web", field_of_tomorrow: { a: 1 } };
    const left = withoutService(`${JSON.stringify([ENTRY, other])}\n}]`, "shop-web-production");
    expect(left).toBe(`${JSON.stringify([other])}\n`);
    expect(parseRoutes(left)?.map(({ service }) => service)).toEqual(["blog-web"]);
    expect(withoutService("[{", "shop-web-production")).toBe("[{");
  });

  it("is parsed into routes", () => {
    expect(parseRoutes(FILE)).toEqual([
      {
        service: "shop-web-production",
        targets: ["4d4d4d4d4d4d:3000"],
        state: { kind: "running" },
        rollout: undefined,
        options: PLAIN,
      },
    ]);
  });
  it("has no routes if it is an empty list", () => expect(parseRoutes("[]")).toEqual([]));
  it("is incomplete wherever it is cut", () => {
    for (let end = 0; end < FILE.length; end += 1) expect(parseRoutes(FILE.slice(0, end)), `torn at ${end}`).toBeUndefined();
  });
  it("is rejected if it is complete and has a different shape: no route may be overlooked", () => {
    const { target_options: _missing, ...other } = ENTRY;
    expect(() => parseRoutes(JSON.stringify([other]))).toThrow(/target_options/);
    expect(() => parseRoutes("{}")).toThrow();
  });
  it("may lack fields that older versions did not write", () => {
    const { scope_cookie_paths: _late, ...older } = ENTRY.target_options;
    const { port: _port, ...check } = older.health_check_config;
    const { pause_controller: _none, rollout_targets: _nor, rollout_controller: _that, ...entry } = ENTRY;
    const file = JSON.stringify([{ ...entry, target_options: { ...older, health_check_config: check } }]);
    expect(parseRoutes(file)).toEqual(parseRoutes(FILE));
  });
  it("is read to the end of its first line, as the proxy does", () => {
    expect(parseRoutes(`${FILE}\nrest of a longer one"}]\n`)).toEqual(parseRoutes(FILE));
  });
  it("has no host for a service of all hosts", () => {
    const file = (hosts: unknown) => JSON.stringify([{ ...ENTRY, options: { ...ENTRY.options, hosts } }]);
    for (const any of [[""], [], null]) expect(parseRoutes(file(any))?.[0]?.options.hosts).toEqual([]);
  });
  it("has a route whose target is being drained or was never set", () => {
    expect(parseRoutes(JSON.stringify([{ ...ENTRY, active_targets: null }]))?.[0]?.targets).toEqual([]);
  });
});

describe("a route's state", () => {
  const stateOf = (controller: object) => parseRoutes(JSON.stringify([{ ...ENTRY, pause_controller: controller }]))?.[0]?.state;
  it("is running, paused, or stopped with its message", () => {
    expect(stateOf({ state: 0, stop_message: "", fail_after: 30_000_000_000 })).toEqual({ kind: "running" });
    expect(stateOf({ state: 1, stop_message: "", fail_after: 30_000_000_000 })).toEqual({ kind: "paused" });
    expect(stateOf({ state: 2, stop_message: "back at 9", fail_after: 0 })).toEqual({ kind: "stopped", message: "back at 9" });
    expect(stateOf({ state: 2, stop_message: "", fail_after: 0 })).toEqual({ kind: "stopped", message: "" });
  });
  it("has, while it is paused, the mark of the process that was paused", () => {
    const pausedIn = (controller: object) =>
      parseRoutes(JSON.stringify([{ ...ENTRY, pause_controller: controller }]))?.[0]?.pausedIn;
    expect(pausedIn({ state: 1, stop_message: "", fail_after: 30_000_000_042 })).toBe(42);
    expect(pausedIn({ state: 1, stop_message: "", fail_after: 30_000_000_000 })).toBe(0);
    expect(pausedIn({ state: 0, stop_message: "", fail_after: 30_000_000_042 })).toBeUndefined();
  });
});

describe("a route's rollout", () => {
  const share = { percentage: 25, percentage_split_point: 1_073_741_823.75, allowlist: ["ann"] };
  const rolloutOf = (part: object) => parseRoutes(JSON.stringify([{ ...ENTRY, ...part }]))?.[0]?.rollout;
  it("has targets and a share", () => {
    const rollout = { targets: ["c1:3000", "c2:3000"], percent: 25, allow: ["ann"] };
    expect(rolloutOf({ rollout_targets: rollout.targets, rollout_controller: share })).toEqual(rollout);
    expect(rolloutOf({ rollout_targets: ["c1:3000"], rollout_controller: { ...share, allowlist: null } })?.allow).toEqual([]);
  });
  it("is undefined while no request can reach it: without a share, or without targets", () => {
    expect(rolloutOf({ rollout_targets: ["c1:3000"], rollout_controller: null })).toBeUndefined();
    expect(rolloutOf({ rollout_targets: null, rollout_controller: share })).toBeUndefined();
  });
});

const deploy = (options: RouteOptions): readonly string[] =>
  deployArguments("shop-web", ["4d4d4d4d4d4d:3000"], options, TIMEOUTS);

describe("the deploy command", () => {
  it("sets every option, so that a changed default of a new version has no effect", () => {
    expect(deploy(PLAIN)).toEqual([
      "kamal-proxy",
      "deploy",
      "shop-web",
      "--target=4d4d4d4d4d4d:3000",
      "--host=shop.example",
      "--path-prefix=/",
      "--strip-path-prefix=true",
      "--tls=false",
      "--tls-redirect=true",
      "--deploy-timeout=30000ms",
      "--drain-timeout=2500ms",
      "--health-check-path=/up",
      "--health-check-interval=1000ms",
      "--health-check-timeout=5000ms",
      "--target-timeout=30000ms",
      "--buffer-requests=true",
      "--buffer-responses=true",
      "--buffer-memory=1048576",
      "--max-request-body=0",
      "--max-response-body=0",
      "--forward-headers=true",
      "--scope-cookie-paths=false",
    ]);
  });

  it("sets optional flags", () => {
    const all: RouteOptions = {
      hosts: ["shop.example", "www.shop.example"],
      pathPrefixes: ["/a,b", '/"c"'],
      stripPathPrefix: false,
      tls: { kind: "certificate", certificatePath: "/c.pem", privateKeyPath: "/k.pem" },
      tlsRedirect: false,
      canonicalHost: "shop.example",
      healthcheck: { path: "/healthz", interval: 0.25, timeout: 1.5, port: 9000, host: "health.example" },
      responseTimeout: 0.5,
      buffering: { requests: false, responses: false, memory: 1, maxRequestBody: 2, maxResponseBody: 3 },
      forwardHeaders: false,
      logging: { requestHeaders: ["X-A", "X-B"], responseHeaders: ["Etag"] },
      scopeCookiePaths: true,
      errorPages: "/pages",
    };
    expect(deploy(all)).toEqual([
      "kamal-proxy",
      "deploy",
      "shop-web",
      "--target=4d4d4d4d4d4d:3000",
      "--host=shop.example",
      "--host=www.shop.example",
      '--path-prefix="/a,b"',
      '--path-prefix="/""c"""',
      "--strip-path-prefix=false",
      "--tls=true",
      "--tls-certificate-path=/c.pem",
      "--tls-private-key-path=/k.pem",
      "--tls-redirect=false",
      "--canonical-host=shop.example",
      "--deploy-timeout=30000ms",
      "--drain-timeout=2500ms",
      "--health-check-path=/healthz",
      "--health-check-interval=250ms",
      "--health-check-timeout=1500ms",
      "--health-check-port=9000",
      "--health-check-host=health.example",
      "--target-timeout=500ms",
      "--buffer-requests=false",
      "--buffer-responses=false",
      "--buffer-memory=1",
      "--forward-headers=false",
      "--log-request-header=X-A",
      "--log-request-header=X-B",
      "--log-response-header=Etag",
      "--scope-cookie-paths=true",
      "--error-pages=/pages",
    ]);
  });

  it("requests a certificate from Let's Encrypt, or its staging directory", () => {
    expect(deploy({ ...PLAIN, tls: { kind: "acme", staging: false } })).not.toContain("--tls-staging=true");
    expect(deploy({ ...PLAIN, tls: { kind: "acme", staging: true } })).toContain("--tls-staging=true");
  });

  it("passes values that look like flags or shell syntax unchanged", () => {
    expect(deploy({ ...PLAIN, healthcheck: { ...PLAIN.healthcheck, path: "/up --force; $(reboot)" } })).toContain(
      "--health-check-path=/up --force; $(reboot)",
    );
  });
});

describe("the other commands", () => {
  it("accept several targets", () => {
    expect(deployArguments("shop-web", ["a:1", "b:2"], PLAIN, TIMEOUTS)).toEqual(
      expect.arrayContaining(["--target=a:1", "--target=b:2"]),
    );
    expect(rolloutDeployArguments("shop-web", ["a:1", "b:2"], TIMEOUTS).join(" ")).toBe(
      "kamal-proxy rollout deploy shop-web --target=a:1 --target=b:2 --deploy-timeout=30000ms --drain-timeout=2500ms",
    );
  });
  it("always set the complete share", () => {
    expect(rolloutSetArguments("shop-web", { percent: 5 }).slice(4)).toEqual(["--percent=5"]);
    expect(rolloutSetArguments("shop-web", { allow: ["ann", "b,c"] }).slice(4)).toEqual([
      "--percent=0",
      "--list=ann",
      '--list="b,c"',
    ]);
  });
  it("pass a message as one argument", () => {
    const message = `back at 9; "$(reboot)" --force`;
    expect(stopArguments("shop-web", { drain: 2, message }).slice(3)).toEqual(["--drain-timeout=2000ms", `--message=${message}`]);
    expect(pauseArguments("shop-web", { drain: 2, maxPause: 7.5, mark: 42 }).slice(3)).toEqual([
      "--drain-timeout=2000ms",
      "--max-pause=7500ms42ns",
    ]);
  });
});

describe("two routes", () => {
  it("are equal if the proxy would serve them in the same way", () => {
    expect(routeDifferences(PLAIN, { ...PLAIN, pathPrefixes: [] })).toEqual([]);
    expect(routeDifferences({ ...PLAIN, pathPrefixes: ["/api"] }, { ...PLAIN, pathPrefixes: ["//api//"] })).toEqual([]);
    const logging = { requestHeaders: ["x-request-ID"], responseHeaders: [] };
    expect(routeDifferences(PLAIN, { ...PLAIN, logging })).toEqual(["logging"]);
    expect(
      routeDifferences({ ...PLAIN, logging: { ...logging, requestHeaders: ["X-Request-Id"] } }, { ...PLAIN, logging }),
    ).toEqual([]);
  });
  it("differ by sorted option names, in either direction", () => {
    const other = { ...PLAIN, hosts: ["www.shop.example"], canonicalHost: "www.shop.example", errorPages: "/pages" };
    expect(routeDifferences(PLAIN, other)).toEqual(["canonicalHost", "errorPages", "hosts"]);
    expect(routeDifferences(other, PLAIN)).toEqual(["canonicalHost", "errorPages", "hosts"]);
  });
});
