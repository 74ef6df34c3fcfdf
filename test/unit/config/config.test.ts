import { describe, expect, it } from "vitest";
import { problems, read } from "./fixture.ts";
import { describeRefusals } from "./refusals.ts";

describe("the smallest config", () => {
  it("is complete with defaults", () => {
    expect(read()).toEqual({
      service: "shop",
      destination: "production",
      image: "ghcr.io/acme/shop:1.4.2",
      version: undefined,
      registry: undefined,
      ssh: {
        user: "root",
        port: 22,
        keys: [],
        keyData: [],
        agent: true,
        hostKeys: {},
        knownHosts: ["~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"],
        config: ["~/.ssh/config"],
        jump: undefined,
        connectTimeout: 10,
        dockerTimeout: 30,
      },
      docker: { install: true, source: undefined, version: undefined, settings: {}, mirror: undefined, fingerprint: undefined },
      firewall: undefined,
      harden: undefined,
      hetzner: { sshKeys: [], sshFrom: ["0.0.0.0/0", "::/0"], dnsZone: undefined },
      adopt: [],
      hosts: [{ name: "203.0.113.10", address: "203.0.113.10", port: 22, user: "root" }],
      accessories: [],
      jobs: [],
      notes: [],
      schedule: { image: "node:24-slim" },
      roles: [
        {
          name: "web",
          primary: true,
          hosts: ["203.0.113.10"],
          on: {},
          replicas: 1,
          strategy: "start-first",
          ready: { by: "route" },
          command: undefined,
          env: { clear: {}, secret: {} },
          labels: {},
          options: {
            restart: { name: "unless-stopped" },
            capAdd: [],
            capDrop: [],
            readOnly: false,
            tmpfs: {},
            addHost: [],
            ulimits: [],
          },
          mounts: [],
          assets: undefined,
          logging: { driver: "json-file", options: { "max-size": "10m" } },
          proxy: {
            appPort: 80,
            hosts: [],
            pathPrefixes: ["/"],
            stripPathPrefix: true,
            tls: { kind: "off" },
            tlsRedirect: true,
            healthcheck: { path: "/up", interval: 1, timeout: 5 },
            responseTimeout: 30,
            buffering: { requests: true, responses: true, memory: 1_048_576, maxRequestBody: 250_000_000, maxResponseBody: 0 },
            forwardHeaders: true,
            logging: { requestHeaders: ["Cache-Control", "Last-Modified", "User-Agent"], responseHeaders: [] },
            scopeCookiePaths: false,
          },
          stopTimeout: 10,
          stopDelay: 0,
          hetzner: undefined,
          setup: [],
        },
      ],
      secrets: {},
      proxyRun: {
        httpPort: 80,
        httpsPort: 443,
        publish: true,
        bindIps: [],
        metricsPort: undefined,
        debug: false,
        logMaxSize: "10m",
        registry: undefined,
        repository: "basecamp/kamal-proxy",
        version: "v0.9.2",
      },
      deployTimeout: 30,
      drainTimeout: 30,
      stopWait: 30,
      retainContainers: 5,
      boot: { limit: 0, wait: 0, parallelRoles: true },
      watch: 0,
      releaseCommand: undefined,
      hooks: {},
      canary: undefined,
      maintenance: undefined,
      errorPages: undefined,
      proxyFiles: {},
    });
  });

  it("cannot be changed afterwards", () => {
    const { roles } = read();
    expect(Object.isFrozen(roles[0]?.proxy?.healthcheck)).toBe(true);
  });
});

describe("the root", () => {
  it("reads numbers from text", () => expect(read({ deploy_timeout: "60" }).deployTimeout).toBe(60));
  it("keeps text that looks like a number", () => expect(read({ version: "1.10" }).version).toBe("1.10"));
  it("leaves other namespaces alone", () => expect(problems({ "hcloud:token": "x", "shop:servers": "y" })).toEqual([]));
  it("takes the stack's name as destination", () => expect(read({}, { stack: "staging" }).destination).toBe("staging"));
  it("takes a destination of its own", () => expect(read({ destination: "blue" }).destination).toBe("blue"));
  it("can do without a destination, as Kamal can", () => expect(read({ destination: "none" }).destination).toBeUndefined());
  it.each(["shop", "localhost:5000/shop", "ghcr.io/acme/shop:V1.2", `ghcr.io/acme/shop:1@sha256:${"a".repeat(64)}`])(
    "takes the image %s",
    (image) => {
      expect(read({ image }).image).toBe(image);
    },
  );
});

describeRefusals("times", [
  ["refuses one that no timer waits for", { deploy_timeout: 99_999_999_999 }, "deploy_timeout should be at most 2147483"],
  [
    "of a role, too",
    { servers: { web: { hosts: ["203.0.113.10"], stop_timeout: 2_592_000 } } },
    "servers.web.stop_timeout should be at most 2147483",
  ],
]);
