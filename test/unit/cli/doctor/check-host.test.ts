import { describe, expect, it } from "vitest";
import { reportOn } from "../../../../cli/doctor/checks.ts";
import type { HostFacts, Machine, ReachedHost } from "../../../../cli/doctor/facts.ts";
import { noAccessTo } from "../../../../cli/doctor/host.ts";
import { type Check, DoctorReport, type Finding } from "../../../../cli/doctor/report.ts";
import {
  badPin,
  hostKeyRefused,
  notAuthenticated,
  socketError,
  TransientDialError,
  timedOut,
} from "../../../../hosts/ssh/dial-error.ts";
import type { Hop } from "../../../../hosts/ssh/hop.ts";
import { hostKeyOf } from "../../../../hosts/ssh/host-keys.ts";
import { KNOWN_DISTRIBUTIONS } from "../../../../providers/docker-engine/distribution.ts";
import type { Section } from "../../config/fixture.ts";

import { anOpenHost, facts, findingOf, HOST, IMAGE, known, unknown, withMachine } from "./fixture.ts";

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
      ["web-1", "lease", "fine", "free"],
      ["web-1", "docker", "fine", "Docker 26.1.5"],
      ["web-1", "clock", "fine", "matches this machine's"],
      ["web-1", "disk", "fine", "41.0 GB free in /var/lib/docker, 30 % used"],
      ["web-1", "memory", "fine", "2.0 GB of 4.0 GB available"],
      ["web-1", "ports", "fine", "80, 443 free"],
      ["web-1", "pull", "fine", `its Docker can pull ${IMAGE}`],
      ["web-1", "image", "fine", "built for linux/amd64"],
    ]);
  });

  it.each([
    ["is being restored from 20261121-201530-123", true, /docker logs -f shop-db-restore/],
    ["from 20261121-201530-123 is over, and no command has seen how it ended", false, /slipway backup restore/],
  ])("names a restore that lost its command: %s", (found, running, next) => {
    const restores = known([{ name: "shop-db-restore", container: "shop-db", backup: "20261121-201530-123", running }]);
    const row = reportOn(facts([anOpenHost({ restores })])).findings.find(({ check }) => check === "restore");
    expect(row).toMatchObject({ result: "warning", found: expect.stringContaining(found), next: expect.stringMatching(next) });
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
    ["a host whose shell says nothing", "rights", anOpenHost({ machine: unknown("nologin") }), "wrong", /nologin$/, /^try: ssh /],
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
    ["a disk of unknown size", "disk", anOpenHost({ disk: unknown("df does not say") }), "warning", /df does not say$/, /df -h$/],
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
      "kamal-proxy cannot bind port 443: process 812 (nginx) uses it",
      /https_port$/,
    ],
    [
      "a port of an unknown process",
      "ports",
      withMachine({ listeners: [aListener(80)] }),
      "wrong",
      /kamal-proxy cannot bind port 80: a process on the host uses it$/,
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
    identitiesOnly: false,
    agent: undefined,
    isJump: false,
  };
  const blob = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from("ssh-ed25519"), Buffer.alloc(36, 7)]);
  const key = hostKeyOf(blob) ?? { type: "", blob };
  /** What may pass in a moment carries its story. */
  const printed = (error: Error): Error => (error instanceof TransientDialError ? error.story : error);
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
  ])("is reported up to the failed step: %s", (_what, error, checks) => {
    const shut = noAccessTo(HOST, printed(error));
    const report = reportOn(facts([shut]));
    const own = report.findings.filter(({ host }) => host === "web-1");
    expect(own.map(({ check }) => check)).toEqual(checks);
    expect(own.map(({ result }) => result)).toEqual([...checks.slice(1).map(() => "fine"), "wrong"]);
    expect(own.at(-1)).toMatchObject({ found: shut.story.what, next: shut.story.next });
    expect(printed(error).message).toContain(own.at(-1)?.found);
    expect(report.verdict).toBe("not ready");
  });
});
