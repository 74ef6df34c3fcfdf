import { describe, expect, it } from "vitest";
import { existing, problems, read, type Section } from "./fixture.ts";

const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVwTn1Xb2H6LeRIwlyW0qFqkUnbyv6kQ4ReLrgfCBvW";
const BLOCK = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n";
const role = (changes: Section, name = "web") => read(changes).roles.find((one) => one.name === name);
const web = (part: Section) => role({ servers: { web: { hosts: ["203.0.113.10"], ...part } } });

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
      },
      docker: { install: true, source: undefined, version: undefined, settings: {}, mirror: undefined, fingerprint: undefined },
      firewall: undefined,
      harden: undefined,
      hetzner: { sshKeys: [], sshFrom: ["0.0.0.0/0", "::/0"], dnsZone: undefined },
      hosts: [{ name: "203.0.113.10", address: "203.0.113.10", port: 22, user: "root" }],
      accessories: [],
      jobs: [],
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
            buffering: { requests: true, responses: true, memory: 1_048_576, maxRequestBody: 0, maxResponseBody: 0 },
            forwardHeaders: true,
            logging: { requestHeaders: ["Cache-Control", "Last-Modified", "User-Agent"], responseHeaders: [] },
            scopeCookiePaths: false,
          },
          stopTimeout: 10,
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
      retainContainers: 5,
      boot: { limit: 0, wait: 0, parallelRoles: true },
      watch: 0,
      releaseCommand: undefined,
      hooks: { preDeploy: [], postDeploy: [], onFailure: [] },
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

describe("servers", () => {
  it("puts a plain list into the role web", () =>
    expect(role({ servers: ["a.example.com", "2001:db8::1"] })?.hosts).toEqual(["a.example.com", "2001:db8::1"]));

  it("puts the primary role first and the others by name", () => {
    const servers = { b: ["a.example.com"], app: ["a.example.com"], a: ["a.example.com"] };
    expect(read({ servers, primary_role: "app" }).roles.map(({ name, primary }) => [name, primary])).toEqual([
      ["app", true],
      ["a", false],
      ["b", false],
    ]);
  });

  it("gives hosts names of their own, with what differs", () => {
    const hosts = {
      "web-1": "203.0.113.10",
      "web-2": { address: "203.0.113.11", port: 2222, user: "deploy", host_key: `${ED25519} me@laptop` },
    };
    expect(read({ servers: { web: { hosts } }, ssh: { port: 2200 } }).hosts).toEqual([
      { name: "web-1", address: "203.0.113.10", port: 2200, user: "root" },
      { name: "web-2", address: "203.0.113.11", port: 2222, user: "deploy", hostKey: ED25519 },
    ]);
  });

  it("finds a named host again in another role's list, whichever comes first", () => {
    const config = read({ servers: { jobs: ["web-1"], web: { hosts: { "web-1": "203.0.113.10" } } } });
    const { roles } = config;
    expect(existing(config).map(({ address }) => address)).toEqual(["203.0.113.10"]);
    expect(roles.map((one) => one.hosts)).toEqual([["web-1"], ["web-1"]]);
  });

  it("pins host keys by name or address", () => {
    const servers = { web: { hosts: { "web-1": "203.0.113.10", "web-2": "203.0.113.11" } } };
    const config = read({ servers, ssh: { host_keys: { "web-1": ED25519, "203.0.113.11": ED25519 } } });
    expect(existing(config).map(({ hostKey }) => hostKey)).toEqual([ED25519, ED25519]);
  });

  it.each([
    ["bin/jobs --queue 'a b'", ["bin/jobs", "--queue", "a b"]],
    [`sh -c "echo \\"x\\" && sleep 1"`, ["sh", "-c", 'echo "x" && sleep 1']],
    ["a\\ b '' --x=\"1 2\"", ["a b", "", "--x=1 2"]],
  ])("splits the command %s", (cmd, words) => expect(web({ cmd })?.command).toEqual(words));

  it("takes a command as a list", () => expect(web({ cmd: ["sh", "-c", "a && b"] })?.command).toEqual(["sh", "-c", "a && b"]));

  it("types the options", () => {
    const options = {
      memory: "512m",
      cpus: 0.5,
      restart: "on-failure:3",
      cap_add: ["NET_ADMIN"],
      cap_drop: ["ALL"],
      read_only: true,
      tmpfs: ["/tmp:size=64m", "/run"],
      user: 1000,
      workdir: "/app",
      shm_size: "1g",
      add_host: "db:10.0.0.5",
      ulimit: ["nofile=1024:2048", "core=-1"],
    };
    expect(web({ options })?.options).toEqual({
      memory: 536_870_912,
      cpus: 0.5,
      restart: { name: "on-failure", maximumRetryCount: 3 },
      capAdd: ["NET_ADMIN"],
      capDrop: ["ALL"],
      readOnly: true,
      tmpfs: { "/tmp": "size=64m", "/run": "" },
      user: "1000",
      workdir: "/app",
      shmSize: 1_073_741_824,
      addHost: ["db:10.0.0.5"],
      ulimits: [
        { name: "nofile", soft: 1024, hard: 2048 },
        { name: "core", soft: -1, hard: -1 },
      ],
    });
  });

  it("lays a role's labels over the root's", () => {
    const servers = { web: { hosts: ["a.example.com"], labels: { team: "web" } } };
    expect(role({ servers, labels: { team: "all", cost: 7 } })?.labels).toEqual({ team: "web", cost: "7" });
  });

  it("bounds the logs of drivers that write to the disk", () => {
    const logging = (root: Section) => role({ logging: root })?.logging.options;
    expect(logging({ driver: "local" })).toEqual({ "max-size": "10m" });
    expect(logging({ options: { "max-size": "1g" } })).toEqual({ "max-size": "1g" });
    expect(logging({ driver: "syslog" })).toEqual({});
  });

  it("stops proxied roles in Docker's time, others in the time to drain, each in its own if it says so", () => {
    const servers = { web: ["a.example.com"], jobs: ["a.example.com"], slow: { hosts: ["a.example.com"], stop_timeout: 300 } };
    const stops = (more: Section) => read({ servers, drain_timeout: 45, ...more }).roles.map(({ stopTimeout }) => stopTimeout);
    expect(stops({})).toEqual([10, 45, 300]);
    expect(stops({ stop_timeout: 20 })).toEqual([20, 20, 300]);
  });

  it("types the volumes", () => {
    expect(role({ volumes: ["/srv/shop:/data:ro,z", "uploads:/uploads"] })?.mounts).toEqual([
      { source: "/srv/shop", target: "/data", readOnly: true, relabel: "z" },
      { source: "uploads", target: "/uploads", readOnly: false },
    ]);
  });
});

describe("env", () => {
  const secrets = { TOKEN: "t0ken", OTHER: "0ther" };

  it("makes text of numbers and booleans", () =>
    expect(role({ env: { A: 1, B: true, C: "" } })?.env.clear).toEqual({ A: "1", B: "true", C: "" }));

  it("refers to secrets by name, under another name if wanted", () => {
    expect(role({ env: { secret: ["TOKEN", "API:OTHER"] }, secrets })?.env).toEqual({
      clear: {},
      secret: { TOKEN: "TOKEN", API: "OTHER" },
    });
  });

  it("lets a role add to it, replace a value, and change its kind", () => {
    const servers = { web: { hosts: ["a.example.com"], env: { clear: { A: "role", TOKEN: "off" }, secret: ["B:OTHER"] } } };
    expect(role({ servers, env: { clear: { A: "root", B: "root", C: "root" }, secret: ["TOKEN"] }, secrets })?.env).toEqual({
      clear: { A: "role", C: "root", TOKEN: "off" },
      secret: { B: "OTHER" },
    });
  });

  it("takes all of it as secret when it is encrypted as a whole", () => {
    const { roles, secrets: all } = read({ env: { A: "hush" } }, { sealed: ["env"] });
    expect(roles[0]?.env).toEqual({ clear: {}, secret: { A: "env.A" } });
    expect(all).toEqual({ "env.A": "hush" });
  });

  it("takes a secret of several lines that ends with a line break", () => {
    expect(problems({ env: { secret: ["KEY"] }, secrets: { KEY: BLOCK } })).toEqual([]);
  });
});

describe("registry", () => {
  it.each([
    ["encrypted in place", { password: "pa55" }, ["registry"]],
    ["as a list with a name", { password: ["PASS"] }, ["secrets"]],
    ["as a name", { password: "PASS" }, ["secrets"]],
  ])("takes a password %s", (_, part, sealed) => {
    const registry = { server: "ghcr.io", username: "u", ...part };
    expect(read({ registry, secrets: sealed.includes("secrets") ? { PASS: "pa55" } : {} }, { sealed }).registry).toEqual({
      server: "ghcr.io",
      username: "u",
      password: "pa55",
    });
  });

  it("takes a username from the secrets", () => {
    expect(read({ registry: { username: ["U"], password: ["P"] }, secrets: { U: "me", P: "x" } }).registry).toEqual({
      server: "docker.io",
      username: "me",
      password: "x",
    });
  });
});

describe("ssh", () => {
  it("types what is written", () => {
    const ssh = {
      user: "deploy",
      port: 2222,
      keys: "~/.ssh/a",
      agent: "/run/agent.sock",
      known_hosts: ["./known"],
      config: false,
      proxy: "me@bastion.example.com:2200",
      connect_timeout: 5,
    };
    expect(read({ ssh }).ssh).toEqual({
      user: "deploy",
      port: 2222,
      keys: ["~/.ssh/a"],
      keyData: [],
      agent: "/run/agent.sock",
      hostKeys: {},
      knownHosts: ["./known"],
      config: [],
      jump: { user: "me", address: "bastion.example.com", port: 2200 },
      connectTimeout: 5,
    });
  });

  it("takes private keys in place and by name", () => {
    expect(read({ ssh: { key_data: BLOCK } }, { sealed: ["ssh"] }).ssh.keyData).toEqual([BLOCK]);
    expect(read({ ssh: { key_data: ["KEY"] }, secrets: { KEY: BLOCK } }).ssh.keyData).toEqual([BLOCK]);
  });

  it.each([
    ["bastion", { user: "root", address: "bastion", port: 22 }],
    ["me@[2001:db8::1]:2200", { user: "me", address: "2001:db8::1", port: 2200 }],
  ])("jumps over %s", (proxy, jump) => expect(read({ ssh: { proxy } }).ssh.jump).toEqual(jump));
});

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
