import { describe, expect, it } from "vitest";
import type { Role } from "../../../../config/index.ts";
import { Mount } from "../../../../core/container/mount.ts";
import { ContainerOptions } from "../../../../core/container/options.ts";
import { Readiness } from "../../../../core/container/readiness.ts";
import { type Circumstances, problems, read, type Section } from "../fixture.ts";

const HOST = "203.0.113.10";
const roleOf = (changes: Section, name: string): Role => {
  const found = read(changes).roles.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no role ${name}`);
  return found;
};
const web = (part: Section, root: Section = {}) => roleOf({ ...root, servers: { web: { hosts: [HOST], ...part } } }, "web");
/** A role beside web that is not proxied. */
const withJobs = (part: Section): Section => ({ servers: { web: [HOST], jobs: { hosts: [HOST], ...part } } });
const jobs = (part: Section, root: Section = {}) => roleOf({ ...root, ...withJobs(part) }, "jobs");
const refused = (changes: Section, problem: string, circumstances?: Circumstances) =>
  expect(problems(changes, circumstances)).toEqual([`slipway:${problem}`]);

describe("replicas and strategy", () => {
  it("takes a number of containers on each host", () => expect(web({ replicas: 3 }).replicas).toBe(3));
  it("wants at least one", () => refused(withJobs({ replicas: 0 }), "servers.jobs.replicas should be at least 1"));
  it("lets a replaced container go on for a delay, but not where nothing runs beside it", () => {
    expect([jobs({}).stopDelay, jobs({ stop_delay: 5 }).stopDelay]).toEqual([0, 5]);
    const problem = "servers.jobs.stop_delay not allowed for a role that is stop-first: nothing serves beside the old container";
    refused(withJobs({ stop_delay: 5, strategy: "stop-first" }), problem);
    refused(withJobs({ stop_delay: 5, options: { publish: "25:2525" } }), problem);
    expect(jobs({ stop_delay: 0, strategy: "stop-first" }).stopDelay).toBe(0);
  });

  it("takes a strategy", () => expect(web({ strategy: "stop-first" }).strategy).toBe("stop-first"));
  it("stops a role with host ports first", () => {
    expect(jobs({ options: { publish: "25:2525" } }).strategy).toBe("stop-first");
    expect(jobs({ options: { publish: [] } }).strategy).toBe("start-first");
  });

  it("refuses to start it first", () =>
    refused(
      withJobs({ strategy: "start-first", options: { publish: "25:2525" } }),
      "servers.jobs.strategy must be stop-first with options.publish: the old container uses the ports",
    ));
  it("refuses several of it on one host", () =>
    refused(
      withJobs({ replicas: 2, options: { publish: "25:2525" } }),
      "servers.jobs.replicas must be 1 with options.publish: two containers cannot use the same port",
    ));
  it("refuses an unknown strategy", () =>
    refused(withJobs({ strategy: "blue" }), "servers.jobs.strategy should be start-first or stop-first"));
});

describe("readiness", () => {
  const ready = (part: Section, root?: Section) => jobs(part, root).ready;

  it("is the route's for a proxied role", () => expect(web({}).ready).toEqual({ by: "route" }));
  it("waits for Docker, or the delay of the root, then of the role", () => {
    expect(ready({})).toEqual({ by: "docker", delay: 7 });
    expect(ready({}, { readiness_delay: 3 })).toEqual({ by: "docker", delay: 3 });
    expect(ready({ readiness_delay: 0 }, { readiness_delay: 3 })).toEqual({ by: "docker", delay: 0 });
  });
  it("asks over HTTP", () => {
    expect(ready({ healthcheck: { port: 9000 } })).toEqual({ by: "http", port: 9000, path: "/up", timeout: 5 });
    const healthcheck = { port: 9000, path: "/ok", host: "jobs.example.com", timeout: 2 };
    expect(ready({ healthcheck })).toEqual({ by: "http", ...healthcheck });
  });
  it("runs a command", () => {
    const command = ["bin/jobs", "--check", "a b"];
    expect(ready({ healthcheck: { cmd: "bin/jobs --check 'a b'" } })).toEqual({
      by: "command",
      command,
      interval: 1,
      timeout: 5,
    });
    expect(ready({ healthcheck: { cmd: ["true"], interval: 2, timeout: 3 } })).toEqual({
      by: "command",
      command: ["true"],
      interval: 2,
      timeout: 3,
    });
  });
  it.each([{}, { healthcheck: { port: 1, host: "a" } }, { healthcheck: { cmd: "true" } }])(
    "is what a release takes: %j",
    (part) => expect(Readiness.parse(ready(part))).toEqual(ready(part)),
  );

  it.each<[string, Section, string]>([
    ["a proxied role", { web: { hosts: [HOST], healthcheck: { port: 1 } } }, "web.healthcheck write it under proxy.healthcheck"],
    [
      "a delay of a proxied role",
      { web: { hosts: [HOST], readiness_delay: 1 } },
      "web.readiness_delay not allowed for a proxied role: proxy.healthcheck decides",
    ],
  ])("is refused for %s", (_, servers, problem) => refused({ servers }, `servers.${problem}`));

  it.each<[string, Section, string]>([
    ["no port", { healthcheck: { path: "/up" } }, "healthcheck.port is required: the port to check, or set cmd"],
    ["an empty one", { healthcheck: {} }, "healthcheck.port is required: the port to check, or set cmd"],
    [
      "a port beside cmd",
      { healthcheck: { cmd: "true", port: 1 } },
      "healthcheck.port not allowed together with cmd: check over HTTP, or run a command",
    ],
    [
      "a path beside cmd",
      { healthcheck: { cmd: "true", path: "/" } },
      "healthcheck.path not allowed together with cmd: check over HTTP, or run a command",
    ],
    [
      "a host beside cmd",
      { healthcheck: { cmd: "true", host: "a" } },
      "healthcheck.host not allowed together with cmd: check over HTTP, or run a command",
    ],
    ["an interval of HTTP", { healthcheck: { port: 1, interval: 2 } }, "healthcheck.interval needs cmd"],
    ["a path without /", { healthcheck: { port: 1, path: "up" } }, "healthcheck.path should begin with /"],
    [
      "shell operators",
      { healthcheck: { cmd: "a | b" } },
      "healthcheck.cmd it is not run by a shell, so | is not supported: write sh -c '…' around it",
    ],
    [
      "a delay beside it",
      { healthcheck: { cmd: "true" }, readiness_delay: 1 },
      "readiness_delay not allowed together with healthcheck",
    ],
    ["an unknown key", { healthcheck: { prt: 1, port: 1 } }, "healthcheck.prt unknown key; did you mean port?"],
  ])("refuses %s", (_, part, problem) => refused(withJobs(part), `servers.jobs.${problem}`));
});

describe("assets", () => {
  const of = (asset_path: string) => web({ asset_path }).assets;

  it("are a folder of the image", () => expect(of("/app/public")).toEqual({ path: "/app/public" }));
  it("take Kamal's options", () => {
    expect(of("/app/public:ro")).toEqual({ path: "/app/public" });
    expect(of("/app/public:ro,z")).toEqual({ path: "/app/public", relabel: "z" });
    expect(of("/app/public:Z")).toEqual({ path: "/app/public", relabel: "Z" });
  });
  it("of the root are for proxied roles, which may have their own", () => {
    expect(web({}, { asset_path: "/a" }).assets).toEqual({ path: "/a" });
    expect(web({ asset_path: "/b" }, { asset_path: "/a" }).assets).toEqual({ path: "/b" });
    expect(jobs({}, { asset_path: "/a" }).assets).toBeUndefined();
  });

  it.each<[string, Section, string]>([
    ["a relative path", { asset_path: "public" }, 'asset_path "public" should be an absolute path in the container'],
    ["the root folder", { asset_path: "/" }, "asset_path cannot be the root folder"],
    ["an unknown option", { asset_path: "/a:rw" }, 'asset_path unknown option "rw"; available: ro, z, Z'],
    ["another form", { asset_path: "/a:/b:ro" }, 'asset_path "/a:/b:ro" is not path or path:options'],
    ["a volume there", { asset_path: "/a", volumes: ["v1:/a"] }, 'asset_path "/a" is also mounted as a volume'],
  ])("refuses %s", (_, root, problem) => refused(root, problem));
  it("refuses them for a role that is not proxied", () =>
    refused(withJobs({ asset_path: "/a" }), "servers.jobs.asset_path not allowed: the role is not proxied"));
  it("points at the role that wrote them", () =>
    refused(
      { servers: { web: { hosts: [HOST], asset_path: "/a", volumes: ["v1:/a"] } } },
      'servers.web.asset_path "/a" is also mounted as a volume',
    ));
});

describe("volumes of a role", () => {
  it("are beside the root's", () => {
    const { mounts } = web({ volumes: ["tmp1:/tmp"] }, { volumes: ["/srv:/data:ro"] });
    expect(mounts.map(({ target }) => target)).toEqual(["/data", "/tmp"]);
    expect(mounts.map((mount) => Mount.parse(mount))).toEqual(mounts);
  });
  it("may not hide them", () =>
    refused(
      { volumes: ["a1:/data"], ...withJobs({ volumes: ["b1:/data"] }) },
      'servers.jobs.volumes[0] "/data" is already mounted',
    ));
});

describe("options", () => {
  const options = {
    memory: "512m",
    memory_swap: "1g",
    memory_reservation: "256m",
    cpu_shares: 512,
    pids_limit: 100,
    oom_score_adj: -500,
    publish: ["25:2525", "0.0.0.0:53:5353/udp", "[::1]:8080:80/TCP"],
    devices: ["/dev/fuse", "/dev/sda:/dev/disk:r", "/dev/null:rw"],
    gpus: "all",
    privileged: true,
    security_opt: ["no-new-privileges", "seccomp=unconfined"],
    sysctls: { "net.core.somaxconn": 1024 },
    ipc: "host",
    pid: "host",
    dns: "10.0.0.2",
    init: true,
    stop_signal: "SIGINT",
    entrypoint: "tini --",
    group_add: ["audio", 1001],
  };
  const typed = {
    memory: 2 ** 29,
    memorySwap: 2 ** 30,
    memoryReservation: 2 ** 28,
    cpuShares: 512,
    pidsLimit: 100,
    oomScoreAdj: -500,
    publish: [
      { ip: "127.0.0.1", hostPort: 25, containerPort: 2525, protocol: "tcp" },
      { ip: "0.0.0.0", hostPort: 53, containerPort: 5353, protocol: "udp" },
      { ip: "::1", hostPort: 8080, containerPort: 80, protocol: "tcp" },
    ],
    devices: [
      { source: "/dev/fuse", target: "/dev/fuse", permissions: "rwm" },
      { source: "/dev/sda", target: "/dev/disk", permissions: "r" },
      { source: "/dev/null", target: "/dev/null", permissions: "rw" },
    ],
    gpus: "all",
    privileged: true,
    securityOpt: ["no-new-privileges", "seccomp=unconfined"],
    sysctls: { "net.core.somaxconn": "1024" },
    ipc: "host",
    pid: "host",
    dns: ["10.0.0.2"],
    init: true,
    stopSignal: "SIGINT",
    entrypoint: ["tini", "--"],
    groupAdd: ["audio", "1001"],
  };

  it("are typed", () => expect(jobs({ options }).options).toMatchObject(typed));
  it("are what a release takes, each of them", () => {
    const resolved = jobs({ options: { ...options, shm_size: "1g", cpus: 1, user: "a", workdir: "/a" } }).options;
    expect(ContainerOptions.strict().parse(resolved)).toEqual(resolved);
  });
  it("that are not configured are absent: a new one must not change the spec of what runs", () => {
    const always = ["addHost", "capAdd", "capDrop", "readOnly", "restart", "tmpfs", "ulimits"];
    expect(Object.keys(jobs({}).options).sort()).toEqual(always);
    expect(Object.keys(jobs({ options: { init: false } }).options).sort()).toEqual([...always, "init"].sort());
  });
  it("take swap without a limit, and a number of graphics processors", () => {
    expect(jobs({ options: { memory: "1g", memory_swap: -1 } }).options.memorySwap).toBe(-1);
    expect(jobs({ options: { gpus: 2 } }).options.gpus).toBe(2);
  });

  const FORM = "is not [ip:]hostPort:containerPort[/tcp|udp]";
  it.each<[string, Section, string]>([
    ["a port alone", { publish: "80" }, `publish "80" ${FORM}`],
    ["a range of ports", { publish: "80-82:80-82" }, `publish "80-82:80-82" ${FORM}`],
    ["a host name to publish at", { publish: "localhost:80:80" }, `publish "localhost:80:80" ${FORM}`],
    ["an address that is none", { publish: "1.2.3:81:80" }, 'publish "1.2.3" is not an IP address'],
    ["a port that is none", { publish: "70000:80" }, 'publish "70000:80": a port is a number from 1 to 65535'],
    ["a port that Docker would choose", { publish: "0:80" }, 'publish "0:80": a port is a number from 1 to 65535'],
    ["a port twice", { publish: ["81:80", "0.0.0.0:81:82"] }, "publish the host port 81/tcp is published twice"],
    ["a device that is no path", { devices: "fuse" }, 'devices "fuse" is not path, path:path in the container, or path:rwm'],
    ["a name of a DNS server", { dns: ["dns.example.com"] }, 'dns "dns.example.com" is not an IP address'],
    [
      "a file of a seccomp profile",
      { security_opt: "seccomp=/etc/profile.json" },
      "security_opt seccomp should be unconfined, builtin or the profile itself as JSON, not the name of a file",
    ],
    ["no graphics processor", { gpus: 0 }, "gpus should be at least 1"],
    ["other graphics processors", { gpus: "some" }, "gpus should be all, or a number"],
    ["swap without memory", { memory_swap: "1g" }, "memory_swap needs memory"],
    [
      "less swap than memory",
      { memory: "1g", memory_swap: "512m" },
      "memory_swap should be at least memory: it counts memory and swap together",
    ],
    ["swap that is no size", { memory: "1g", memory_swap: "much" }, 'memory_swap "much" is not a size: write 512m or 2g'],
    ["more reserved than allowed", { memory: "1g", memory_reservation: "2g" }, "memory_reservation should be at most memory"],
    ["no process at all", { pids_limit: 0 }, "pids_limit should be -1 or at least 1"],
    ["an oom_score_adj out of range", { oom_score_adj: 2000 }, "oom_score_adj should be at most 1000"],
    ["too few shares", { cpu_shares: 1 }, "cpu_shares should be at least 2"],
    ["a signal that is none", { stop_signal: "please" }, "stop_signal is not a signal: write SIGTERM"],
    [
      "an entrypoint with shell operators",
      { entrypoint: "a > b" },
      "entrypoint it is not run by a shell, so > is not supported: write sh -c '…' around it",
    ],
    ["another container's memory", { ipc: "container:x" }, "ipc should be none or private or shareable or host"],
    ["another container's processes", { pid: "container:x" }, "pid should be host"],
    ["a host name that is none", { hostname: "a b" }, "hostname is not a host name"],
    ["what it does not know", { autoremove: 1 }, "autoremove unknown key"],
    ["users of their own", { userns: "private" }, "userns should be host"],
    ["a runtime that cannot be", { runtime: "/bin/x" }, "runtime is not the name of a runtime"],
    [
      "a file of variables on the host",
      { env_file: "/etc/shop.env" },
      "env_file not supported: a change of a file on the host would be in no plan. Write its variables under env, and what is secret under env.secret",
    ],
  ])("refuse %s", (_, part, problem) => refused(withJobs({ options: part }), `servers.jobs.options.${problem}`));

  it("use a port of a host once, for a role or for the proxy", () => {
    const role = (publish: string, hosts = [HOST]) => ({ hosts, options: { publish } });
    const other = ["203.0.113.11"];
    refused(
      { servers: { web: [HOST], a: role("25:1"), b: role("0.0.0.0:25:2") } },
      "servers.b.options.publish port 25/tcp on 203.0.113.10 is already published by the role a",
    );
    refused(
      { servers: { web: [HOST], a: role("80:1") } },
      "servers.a.options.publish port 80/tcp on 203.0.113.10 is used by the proxy",
    );
    const fine = [
      { web: [HOST], a: role("25:1"), b: role("25:2/udp") },
      { web: [HOST], a: role("25:1"), b: role("25:2", other) },
      { web: [HOST], a: role("10.0.0.5:25:1"), b: role("25:2") },
      { web: [HOST], a: role("80:1", other) },
    ];
    for (const servers of fine) expect(problems({ servers })).toEqual([]);
    expect(problems({ servers: { web: [HOST], a: role("80:1") }, proxy: { run: { bind_ips: [HOST] } } })).toEqual([]);
  });
});

describe("roles without hosts", () => {
  it("are left out where they are allowed", () => {
    const { roles } = read({ servers: { web: [HOST], jobs: [] }, allow_empty_roles: true });
    expect(roles.map(({ name }) => name)).toEqual(["web"]);
  });
  it("are refused otherwise", () =>
    refused(
      { servers: { web: [HOST], jobs: [] } },
      "servers.jobs the role jobs has no hosts; to allow this, set slipway:allow_empty_roles: true",
    ));
  it("are refused always for the primary role", () =>
    refused({ servers: { web: [] }, allow_empty_roles: true }, "servers.web the role web has no hosts"));
});
