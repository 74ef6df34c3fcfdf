import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import type { AddressInfo } from "node:net";
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { reportOn } from "../../../cli/doctor/checks.ts";
import type { Asked, Facts, HostFacts, Machine, NameFacts, ReachedHost } from "../../../cli/doctor/facts.ts";
import { noAccessTo } from "../../../cli/doctor/host.ts";
import { parseMachine } from "../../../cli/doctor/machine.ts";
import { resolveName, servedNames } from "../../../cli/doctor/names.ts";
import { type Check, DoctorReport, type Finding } from "../../../cli/doctor/report.ts";
import { screenOf } from "../../../cli/doctor/screen.ts";
import type { ExistingHost } from "../../../config/hosts/host.ts";
import { Deadline } from "../../../core/deadline.ts";
import {
  badPin,
  hostKeyRefused,
  notAuthenticated,
  socketError,
  TransientDialError,
  timedOut,
} from "../../../hosts/ssh/dial-error.ts";
import type { Hop } from "../../../hosts/ssh/hop.ts";
import { hostKeyOf } from "../../../hosts/ssh/host-keys.ts";
import { KNOWN_DISTRIBUTIONS } from "../../../providers/docker-engine/distribution.ts";
import { read, type Section } from "../config/fixture.ts";

const IMAGE = "ghcr.io/acme/shop:1.4.2";
const DIGEST = `sha256:${"9f31".repeat(16)}`;
const AMD64 = [{ os: "linux", arch: "amd64" }];
const SERVERS = { web: { hosts: { "web-1": "203.0.113.10" } } };

const known = <T>(value: T): Asked<T> => ({ kind: "known", value });
const unknown = (why: string, next?: string): Asked<never> => ({ kind: "unknown", why, evidence: [], ...(next ? { next } : {}) });

const HOST: ExistingHost = { name: "web-1", address: "203.0.113.10", port: 22, user: "root" };

const aMachine = (over: Partial<Machine> = {}): Machine => ({
  uid: 0,
  groups: ["root"],
  sudo: "none",
  release: { ID: "debian" },
  arch: "amd64",
  ahead: 0,
  memory: { total: 4e9, available: 2e9 },
  addresses: ["203.0.113.10"],
  listeners: [],
  ...over,
});

const anOpenHost = (over: Partial<ReachedHost> = {}): ReachedHost => ({
  kind: "reached",
  host: HOST,
  took: 214.6,
  resolved: ["203.0.113.10"],
  machine: known(aMachine()),
  docker: known({ engine: "26.1.5", arch: "amd64" }),
  trouble: undefined,
  disk: known({ path: "/var/lib/docker", free: 41e9, usedPercent: 30 }),
  published: known([]),
  pulls: [{ image: IMAGE, there: known(true) }],
  ...over,
});

const withMachine = (over: Partial<Machine>, host: Partial<ReachedHost> = {}): ReachedHost =>
  anOpenHost({ machine: known(aMachine(over)), ...host });

/** The facts of a stack with one host, which is all right. */
const facts = (hosts: readonly HostFacts[] = [anOpenHost()], over: Partial<Facts> = {}, config: Section = {}): Facts => ({
  stack: "production",
  file: "stacks/Pulumi.production.yaml",
  config: read({ servers: SERVERS, ...config }),
  hasHetznerToken: true,
  images: [{ image: IMAGE, built: known({ digest: DIGEST, platforms: AMD64 }) }],
  names: [],
  hosts,
  ...over,
});

const findingOf = (report: DoctorReport, check: Check): Finding | undefined =>
  report.findings.find((finding) => finding.check === check);

describe("what the doctor finds on a host", () => {
  it("is one line for each check, all fine", () => {
    const report = reportOn(facts());
    expect(DoctorReport.parse(report)).toEqual(report);
    expect(report.verdict).toBe("ready");
    expect(report.findings.map(({ host, check, result, found }) => [host, check, result, found])).toEqual([
      [null, "config", "fine", "stacks/Pulumi.production.yaml"],
      [null, "secrets", "fine", "none needed"],
      [null, "registry", "fine", `ghcr.io reachable without a login; ${IMAGE} is sha256:9f319f31…`],
      ["web-1", "reach", "fine", "203.0.113.10:22 in 215 ms"],
      ["web-1", "host key", "fine", "matches known_hosts"],
      ["web-1", "login", "fine", "as root"],
      ["web-1", "rights", "fine", "root"],
      ["web-1", "docker", "fine", "Docker 26.1.5"],
      ["web-1", "clock", "fine", "matches this machine's"],
      ["web-1", "disk", "fine", "41.0 GB free in /var/lib/docker, 30 % used"],
      ["web-1", "memory", "fine", "2.0 GB of 4.0 GB available"],
      ["web-1", "ports", "fine", "80, 443 free"],
      ["web-1", "pull", "fine", `its Docker can pull ${IMAGE}`],
      ["web-1", "image", "fine", "built for linux/amd64"],
    ]);
  });

  const DEPLOY = { uid: 1000, groups: ["deploy"] };
  const FORBIDDEN = unknown("the user root may not use Docker", "on the host: sudo usermod -aG docker root");
  const aListener = (port: number, address = "*", process: { name: string; pid: number } | undefined = undefined) => ({
    address,
    port,
    process,
  });
  const published = (container: string, port: number) => ({ container, image: "nginx:1", address: "0.0.0.0", port });

  it.each<[string, Check, ReachedHost, Finding["result"], string | RegExp, RegExp | null]>([
    ["a user in the group docker", "rights", withMachine(DEPLOY), "fine", "may use Docker", null],
    [
      "a user with sudo, before Docker is there",
      "rights",
      withMachine({ ...DEPLOY, sudo: "free" }, { docker: unknown("Docker is not installed") }),
      ...(["fine", "may use sudo without a password", null] as const),
    ],
    [
      "a user without rights",
      "rights",
      withMachine({ ...DEPLOY, sudo: "asks" }, { docker: FORBIDDEN }),
      ...([
        "wrong",
        "root is neither root nor in the group docker, and sudo asks for a password",
        /usermod -aG docker root$/,
      ] as const),
    ],
    [
      "a host whose shell says nothing",
      "rights",
      anOpenHost({ machine: unknown("nologin") }),
      "warning",
      /nologin$/,
      /^try: ssh /,
    ],
    [
      "a host without Docker",
      "docker",
      anOpenHost({ docker: unknown("Docker is not installed", "install it") }),
      "wrong",
      "Docker is not installed",
      /^install it$/,
    ],
    [
      "Docker of long ago",
      "docker",
      anOpenHost({ docker: known({ engine: "19.03.8", arch: "amd64" }) }),
      "wrong",
      /20\.10 or newer is required/,
      /^upgrade Docker on web-1$/,
    ],
    ["a clock a little off", "clock", withMachine({ ahead: 5 }), "fine", "matches this machine's", null],
    ["a clock off", "clock", withMachine({ ahead: -42 }), "warning", "42 s behind this machine's", /timedatectl/],
    ["a clock far off", "clock", withMachine({ ahead: 8_040 }), "wrong", "2 h 14 min ahead of this machine's", /timedatectl/],
    [
      "little disk",
      "disk",
      anOpenHost({ disk: known({ path: "/", free: 6e8, usedPercent: 97 }) }),
      "warning",
      "600 MB free in /, 97 % used",
      /docker system df/,
    ],
    [
      "no disk",
      "disk",
      anOpenHost({ disk: known({ path: "/", free: 1e8, usedPercent: 99 }) }),
      "wrong",
      /^100 MB free/,
      /docker system df/,
    ],
    [
      "a disk that nobody tells of",
      "disk",
      anOpenHost({ disk: unknown("df does not say") }),
      "warning",
      /df does not say$/,
      /df -h$/,
    ],
    [
      "little memory",
      "memory",
      withMachine({ memory: { total: 5e8, available: 9e7 } }),
      "warning",
      "90.0 MB of 500 MB available",
      /larger server/,
    ],
    [
      "a port that is a process's",
      "ports",
      withMachine({ listeners: [aListener(443, "*", { name: "nginx", pid: 812 })] }),
      "wrong",
      "port 443 is not free for kamal-proxy: process 812 (nginx) uses it",
      /https_port$/,
    ],
    [
      "a port that is somebody's",
      "ports",
      withMachine({ listeners: [aListener(80)] }),
      "wrong",
      /port 80 is not free for kamal-proxy: a process on the host uses it$/,
      /^find out what uses it \(sudo ss -ltnp 'sport = :80'\), free port 80 on web-1, .*http_port$/,
    ],
    [
      "a port that is a container's",
      "ports",
      anOpenHost({ published: known([published("web", 80)]) }),
      "wrong",
      /the container web \(nginx:1\) uses it$/,
      /http_port$/,
    ],
    [
      "ports that are kamal-proxy's",
      "ports",
      anOpenHost({ published: known([published("kamal-proxy", 80), published("kamal-proxy", 443)]) }),
      "fine",
      "kamal-proxy uses 80, 443",
      null,
    ],
    ["a host without ss", "ports", withMachine({ listeners: undefined }), "warning", /ss is not installed$/, /ss -ltnp$/],
    [
      "a registry that it does not reach",
      "pull",
      anOpenHost({ pulls: [{ image: IMAGE, there: unknown("no such host") }] }),
      "wrong",
      /no such host$/,
      /slipway:registry/,
    ],
    [
      "an image that it does not see",
      "pull",
      anOpenHost({ pulls: [{ image: IMAGE, there: known(false) }] }),
      "wrong",
      /does not find ghcr/,
      /^push it/,
    ],
    [
      "another CPU",
      "image",
      anOpenHost({ docker: known({ engine: "26.1.5", arch: "arm64" }) }),
      "wrong",
      "built for linux/amd64; this host is linux/arm64",
      /--platform linux\/arm64\)/,
    ],
    [
      "another CPU, without Docker",
      "image",
      withMachine({ arch: "arm64" }, { docker: unknown("stopped") }),
      "wrong",
      /this host is linux\/arm64$/,
      /docker build/,
    ],
  ])("names %s", (_what, check, host, result, found, next) => {
    const report = reportOn(facts([host]));
    const finding = findingOf(report, check);
    expect(finding).toMatchObject({
      host: "web-1",
      result,
      found: typeof found === "string" ? found : expect.stringMatching(found),
    });
    if (next === null) expect(finding?.next).toBeNull();
    else expect(finding?.next).toMatch(next);
    expect(report.findings.every((one) => (one.next === null) === (one.result === "fine"))).toBe(true);
  });

  it.each<[string, Section, Partial<Machine>, string | undefined]>([
    [
      "the ports that the config names",
      { proxy: { run: { http_port: 8080, https_port: 8443 } } },
      { listeners: [aListener(80)] },
      "8080, 8443 free",
    ],
    [
      "an address of its own",
      { proxy: { run: { bind_ips: ["203.0.113.10"] } } },
      { listeners: [aListener(80, "127.0.0.1")] },
      "80, 443 free",
    ],
    ["no ports where none are published", { proxy: { run: { publish: false } } }, { listeners: [aListener(80)] }, undefined],
  ])("looks at %s", (_what, config, machine, found) => {
    expect(findingOf(reportOn(facts([withMachine(machine)], {}, config)), "ports")?.found).toBe(found);
  });

  const MISSING = { docker: unknown("Docker is not installed", "install it"), trouble: "missing" } as const;
  const NO_RIGHTS = { uid: 1000, groups: ["deploy"], sudo: "asks" } as const;
  it.each<[string, ReachedHost, boolean, Finding["result"], string]>([
    ["installs it", withMachine({}, MISSING), true, "warning", "Docker is not installed; pulumi up installs it"],
    [
      "starts it",
      withMachine({}, { ...MISSING, trouble: "stopped" }),
      true,
      "warning",
      "Docker is not installed; pulumi up starts it",
    ],
    [
      "may sudo",
      withMachine({ ...NO_RIGHTS, sudo: "free" }, MISSING),
      true,
      "warning",
      "Docker is not installed; pulumi up installs it",
    ],
    ["may not", withMachine(NO_RIGHTS, MISSING), true, "wrong", "Docker is not installed"],
    ["shall not", withMachine({}, MISSING), false, "wrong", "Docker is not installed"],
    ["cannot", withMachine({}, { ...MISSING, trouble: "prohibited" }), true, "wrong", "Docker is not installed"],
    [
      "does not know the system",
      withMachine({ release: { ID: "alpine", PRETTY_NAME: "Alpine Linux v3.22" } }, MISSING),
      ...([
        true,
        "wrong",
        `Docker is not installed, and Slipway does not install it on Alpine Linux v3.22 (only on ${KNOWN_DISTRIBUTIONS})`,
      ] as const),
    ],
  ])("knows what a run puts right by itself: it %s", (_what, host, install, result, found) => {
    const report = reportOn(facts([host], {}, { docker: { install } }));
    expect(findingOf(report, "docker")).toMatchObject({ result, found, next: expect.any(String) });
  });

  it.each<[string, Partial<Machine>, Finding["result"], string]>([
    ["28", {}, "warning", "Docker 26.1.5, and slipway:docker.version is 28; pulumi up upgrades it"],
    ["28", NO_RIGHTS, "wrong", "Docker 26.1.5, and slipway:docker.version is 28"],
    ["26.1", {}, "fine", "Docker 26.1.5"],
  ])("holds Docker against the version %s that the config names", (version, machine, result, found) => {
    const report = reportOn(facts([withMachine(machine)], {}, { docker: { version } }));
    expect(findingOf(report, "docker")).toMatchObject({ result, found });
  });

  it("is one line for a server that this stack makes", () => {
    const report = reportOn(facts([{ kind: "planned", host: "web-1", madeAt: "hetzner" }]));
    expect(report.findings.filter(({ host }) => host === "web-1")).toEqual([
      {
        host: "web-1",
        check: "reach",
        result: "fine",
        found: "not created yet: pulumi up creates it at hetzner",
        evidence: [],
        next: null,
      },
    ]);
    expect(report.verdict).toBe("ready");
  });

  it("is a token that is missing, where this stack makes servers", () => {
    const made: HostFacts = { kind: "planned", host: "web-1", madeAt: "hetzner" };
    const without = (hosts: readonly HostFacts[]) => findingOf(reportOn(facts(hosts, { hasHetznerToken: false })), "secrets");
    expect(without([made])).toMatchObject({ result: "wrong", next: "pulumi config set --secret hcloud:token" });
    expect(without([anOpenHost()])?.result).toBe("fine");
  });
});

describe("a host that does not let us in", () => {
  const hop: Hop = {
    name: "web-1",
    address: "203.0.113.10",
    port: 22,
    user: "root",
    knownAs: "203.0.113.10",
    knownHosts: [],
    identities: [],
    isJump: false,
  };
  const blob = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from("ssh-ed25519"), Buffer.alloc(36, 7)]);
  const key = hostKeyOf(blob) ?? { type: "", blob };
  /** What may pass in a moment carries its story. */
  const told = (error: Error): Error => (error instanceof TransientDialError ? error.story : error);
  const errno = (code: string) => Object.assign(new Error(code), { code });
  const jump = { ...hop, name: "bastion", isJump: true };

  // The very errors of hosts/, so that their words cannot change alone.
  it.each<[string, Error, Check[]]>([
    ["no route", socketError(hop, errno("EHOSTUNREACH")), ["reach"]],
    ["a closed port", socketError(hop, errno("ECONNREFUSED")), ["reach"]],
    ["silence", timedOut(hop, 10, "the port does not answer"), ["reach"]],
    [
      "an unknown host key",
      hostKeyRefused(hop, { offered: key, pinned: [], source: "known_hosts", revoked: false }),
      ["reach", "host key"],
    ],
    [
      "a changed host key",
      hostKeyRefused(hop, { offered: key, pinned: [key], source: "x", revoked: false }),
      ["reach", "host key"],
    ],
    ["a pin that is none", badPin(hop), ["reach", "host key"]],
    ["a login that is refused", notAuthenticated(hop, ["~/.ssh/id: refused"], "ssh-copy-id"), ["reach", "host key", "login"]],
    ["a jump host that refuses us", notAuthenticated(jump, [], "ssh-copy-id"), ["reach"]],
    ["an error of no form", new Error("no SSH connection in time"), ["reach"]],
  ])("is told as far as we came: %s", (_what, error, checks) => {
    const shut = noAccessTo(HOST, told(error));
    const report = reportOn(facts([shut]));
    const own = report.findings.filter(({ host }) => host === "web-1");
    expect(own.map(({ check }) => check)).toEqual(checks);
    expect(own.map(({ result }) => result)).toEqual([...checks.slice(1).map(() => "fine"), "wrong"]);
    expect(own.at(-1)).toMatchObject({ found: shut.story.what, next: shut.story.next });
    expect(told(error).message).toContain(own.at(-1)?.found);
    expect(report.verdict).toBe("not ready");
  });
});

describe("what the doctor finds from here", () => {
  it("is a registry that refuses us, in its own words", () => {
    const built = unknown("the registry ghcr.io refused user ann", "check slipway:registry.username");
    expect(findingOf(reportOn(facts([], { images: [{ image: IMAGE, built }] })), "registry")).toMatchObject({
      result: "wrong",
      found: "the registry ghcr.io refused user ann",
      next: "check slipway:registry.username",
    });
  });

  const aName = (addresses: readonly string[], acme = false): NameFacts => ({
    name: "shop.example.com",
    acme,
    servedBy: ["web-1"],
    addresses: known(addresses),
  });
  const made: HostFacts = { kind: "planned", host: "web-1", madeAt: "hetzner" };
  it.each<[string, NameFacts, HostFacts, Finding["result"], RegExp]>([
    ["the address of its host", aName(["203.0.113.10"]), anOpenHost(), "fine", /→ 203\.0\.113\.10 \(web-1\)$/],
    [
      "an address that the host has beside the one for SSH",
      aName(["203.0.113.10"]),
      anOpenHost({ resolved: ["10.0.0.2"] }),
      "fine",
      /\(web-1\)$/,
    ],
    [
      "the address of a host that we do not reach",
      aName(["203.0.113.10"]),
      noAccessTo(HOST, new Error("no SSH connection in time")),
      "fine",
      /\(web-1\)$/,
    ],
    [
      "a stranger's",
      aName(["198.51.100.7"], true),
      anOpenHost(),
      "warning",
      /→ 198\.51\.100\.7: not web-1; Let's Encrypt must reach the proxy/,
    ],
    [
      "both",
      aName(["203.0.113.10", "2001:db8::7"]),
      anOpenHost(),
      "warning",
      /203\.0\.113\.10 \(web-1\), 2001:db8::7: not web-1$/,
    ],
    ["none", aName([]), anOpenHost(), "warning", /has no DNS record$/],
    ["none, and Let's Encrypt asks it", aName([], true), anOpenHost(), "wrong", /has no DNS record: Let's Encrypt/],
    ["anything, of a host that is not made yet", aName(["203.0.113.10"]), made, "warning", /those of web-1 are not known yet$/],
    [
      "nobody knows",
      { ...aName([]), addresses: unknown("DNS could not be asked") },
      anOpenHost(),
      "warning",
      /^DNS could not be asked$/,
    ],
  ])("is a name with %s", (_what, name, host, result, found) => {
    const finding = findingOf(reportOn(facts([host], { names: [name] })), "dns");
    expect(finding).toMatchObject({ host: null, result, found: expect.stringMatching(found) });
  });

  it("says where a record is to lead", () => {
    expect(findingOf(reportOn(facts(undefined, { names: [aName([])] })), "dns")?.next).toBe(
      "create one: shop.example.com → 203.0.113.10",
    );
  });

  it("asks for each name once, of the hosts that serve it, and for no address", () => {
    const hosts = {
      "web-1": { address: "203.0.113.10", proxy: { hosts: ["a.example.com", "both.example.com"] } },
      "web-2": { address: "203.0.113.11", proxy: { hosts: ["203.0.113.11", "both.example.com"] } },
    };
    expect(servedNames(read({ servers: { web: { hosts } }, proxy: { host: "shop.example.com" } }))).toEqual([
      { name: "a.example.com", acme: false, servedBy: ["web-1"] },
      { name: "both.example.com", acme: false, servedBy: ["web-1", "web-2"] },
    ]);
    expect(servedNames(read({ proxy: { host: "shop.example.com", ssl: true } }))).toMatchObject([{ acme: true }]);
  });
});

describe("the doctor's screen", () => {
  const shown = (report: DoctorReport): string[] => stripVTControlCharacters(screenOf(report)).split("\n");

  it("has one line for each check, and below what is wrong its proof and the one thing to do", () => {
    const docker: Asked<never> = {
      kind: "unknown",
      why: "Docker is not installed",
      evidence: ["/var/run/docker.sock: open failed"],
      next: "install it",
    };
    const lines = shown(reportOn(facts([withMachine({ ahead: 42 }, { docker, pulls: [] })])));
    expect(lines).toEqual([
      "shop / production   ✗ not ready: 1 wrong, 1 warning",
      "",
      "host     check        found",
      "(stack)  config    ✓  stacks/Pulumi.production.yaml",
      "         secrets   ✓  none needed",
      `         registry  ✓  ghcr.io reachable without a login; ${IMAGE} is sha256:9f319f31…`,
      "web-1    reach     ✓  203.0.113.10:22 in 215 ms",
      "         host key  ✓  matches known_hosts",
      "         login     ✓  as root",
      "         rights    ✓  root",
      "         docker    ✗  Docker is not installed",
      "                        | /var/run/docker.sock: open failed",
      "                        next: install it",
      "         clock     !  42 s ahead of this machine's",
      "                        next: on the one that is wrong, web-1 or this machine: timedatectl set-ntp true",
      "         disk      ✓  41.0 GB free in /var/lib/docker, 30 % used",
      "         memory    ✓  2.0 GB of 4.0 GB available",
      "         ports     ✓  80, 443 free",
      "         image     ✓  built for linux/amd64",
      "",
    ]);
  });

  it.each<[string, Partial<Machine>, string]>([
    ["all is fine", {}, "✓ ready for a release"],
    ["a warning is all there is", { ahead: 42 }, "! ready, with 1 warning"],
  ])("says in its first line when %s", (_what, machine, verdict) => {
    expect(shown(reportOn(facts([withMachine(machine)])))[0]).toBe(`shop / production   ${verdict}`);
  });
});

describe("what a machine says of itself", () => {
  const SAID = `now 1769860800
uid 1000
groups deploy docker
cpu aarch64
os ID=debian
os VERSION_ID="13"
sudo free
MemTotal:        4028440 kB
MemAvailable:    2028440 kB
df /dev/vda1 41151788 28000000 11000000 72% /
interface 2: eth0    inet 203.0.113.10/24 brd 203.0.113.255 scope global eth0
interface 2: eth0    inet6 2001:db8::10/64 scope global
ss yes
listener LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=812,fd=6),("nginx",pid=813,fd=6))
listener LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:*
listener LISTEN 0 511 [::]:443 [::]:*
listener LISTEN 0 511 *:9100 *:*
`;
  const NOW = 1_769_860_800_000;
  const at = (before: number, after = before) => ({ before: NOW + before, after: NOW + after });

  it("is read", () => {
    expect(parseMachine(SAID, at(0, 300))).toEqual({
      df: "/dev/vda1 41151788 28000000 11000000 72% /",
      machine: {
        uid: 1000,
        groups: ["deploy", "docker"],
        sudo: "free",
        release: { ID: "debian", VERSION_ID: "13" },
        arch: "arm64",
        ahead: 0,
        memory: { total: 4_125_122_560, available: 2_077_122_560 },
        addresses: ["203.0.113.10", "2001:db8::10"],
        listeners: [
          { address: "0.0.0.0", port: 80, process: { name: "nginx", pid: 812 } },
          { address: "127.0.0.53", port: 53, process: undefined },
          { address: "::", port: 443, process: undefined },
          { address: "*", port: 9100, process: undefined },
        ],
      },
    });
  });

  it("may be less", () => {
    const { machine } = parseMachine("now 1769860800\nuid 0\ngroups root\ncpu x86_64\nsudo none\n", at(0));
    expect(machine).toMatchObject({ arch: "amd64", memory: undefined, listeners: undefined, addresses: [], sudo: "none" });
  });

  it("is refused when it is no shell's answer", () => {
    expect(() => parseMachine("This account is currently not available.\n", at(0))).toThrow("the host's shell");
  });

  it.each([
    ["within our span", at(-400, 200), 0],
    ["in the second that date leaves out", at(900, 950), 0],
    ["after it", at(-9_000, -8_000), 8],
    ["before it", at(31_000, 32_000), -30],
  ])("has a clock that is off only as far as is sure: %s", (_what, span, ahead) => {
    expect(parseMachine(SAID, span).machine.ahead).toBe(ahead);
  });
});

describe("a name that DNS is asked for", () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** A DNS server on loopback that gives every question for an A record these addresses, or that code, or no answer. */
  async function aResolver(answer: readonly string[] | number | "silence"): Promise<{ resolver: Resolver; asked: string[] }> {
    const asked: string[] = [];
    const server = createSocket("udp4");
    server.on("message", (question, { port, address }) => {
      const end = question.indexOf(0, 12) + 5;
      asked.push(nameIn(question));
      if (answer === "silence") return;
      const isA = question.readUInt16BE(end - 4) === 1;
      const records = typeof answer === "number" || !isA ? [] : answer;
      const header = Buffer.from(question.subarray(0, 12));
      header.writeUInt16BE(0x8180 | (typeof answer === "number" ? answer : 0), 2);
      header.writeUInt16BE(records.length, 6);
      header.writeUInt16BE(0, 10);
      const body = records.map((ip) => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...ip.split(".").map(Number)]));
      server.send(Buffer.concat([header, question.subarray(12, end), ...body]), port, address);
    });
    await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    const resolver = new Resolver({ timeout: 100, tries: 1 });
    resolver.setServers([`127.0.0.1:${(server.address() as AddressInfo).port}`]);
    return { resolver, asked };
  }

  function nameIn(question: Buffer): string {
    const labels: string[] = [];
    for (let at = 12; question[at] !== 0; at += (question[at] ?? 0) + 1)
      labels.push(question.toString("latin1", at + 1, at + 1 + (question[at] ?? 0)));
    return labels.join(".").toLowerCase();
  }

  const [SERVFAIL, NXDOMAIN] = [2, 3];
  it.each<[string, readonly string[] | number | "silence", Asked<readonly string[]> | object]>([
    ["its addresses", ["203.0.113.10", "203.0.113.11"], known(["203.0.113.10", "203.0.113.11"])],
    ["that there is none", NXDOMAIN, known([])],
    ["that it has no address", [], known([])],
    ["that it failed", SERVFAIL, { kind: "unknown", why: expect.stringContaining("ESERVFAIL") }],
    ["nothing", "silence", { kind: "unknown", why: expect.stringContaining("ETIMEOUT") }],
  ])("is told %s", async (_what, answer, told) => {
    const { resolver } = await aResolver(answer);
    expect(await resolveName("shop.example.com", Deadline.in(5), resolver)).toMatchObject(told);
  });

  it("is some name below a wildcard", async () => {
    const { resolver, asked } = await aResolver(["203.0.113.10"]);
    await resolveName("*.example.com", Deadline.in(5), resolver);
    expect(new Set(asked)).toEqual(new Set(["slipway-doctor.example.com"]));
  });

  it("is given up at the deadline", async () => {
    const { resolver } = await aResolver("silence");
    const slow = new Resolver({ timeout: 60_000, tries: 1 });
    slow.setServers(resolver.getServers());
    const began = performance.now();
    expect(await resolveName("shop.example.com", Deadline.in(0.2), slow)).toMatchObject({ kind: "unknown" });
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
