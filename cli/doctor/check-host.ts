import type { Config } from "../../config/index.ts";
import { isOlder } from "../../core/version.ts";
import type { Bytes, HostName, Seconds } from "../../core/words.ts";
import { calledBy, distributionOf, KNOWN_DISTRIBUTIONS } from "../../providers/docker-engine/distribution.ts";
import { SPARE_DISK } from "../../providers/release/disk.ts";
import { OLDEST_ENGINE } from "../../providers/release/preflight.ts";
import { bytes, duration } from "../terminal/format.ts";
import { checkLimits } from "./check-limits.ts";
import { checkPorts } from "./check-ports.ts";
import type { CheckResult } from "./check-result.ts";
import type { Asked, Facts, HostFacts, Machine, ReachedHost } from "./facts.ts";
import { checkInbound } from "./inbound.ts";
import { checkKamal, namesIn } from "./kamal.ts";

/** Logs of several hosts are sorted by their clocks. */
const CLOCK_OFF: Seconds = 5;
/** Certificates and tokens appear not yet valid, or expired. */
const CLOCK_WRONG: Seconds = 300;
/** With less, two versions of an app may not fit side by side. */
const LITTLE_MEMORY: Bytes = 128 * 1024 * 1024;
const LITTLE_DISK: Bytes = 1e9;

/** All results for one host. */
export function checkHost(facts: HostFacts, all: Facts): CheckResult[] {
  if (facts.kind === "planned")
    return [{ check: "reach", result: "fine", found: `not created yet: pulumi up creates it at ${facts.madeAt}` }];
  if (facts.kind === "no access") return checkNoAccess(facts);
  const { name } = facts.host;
  return [
    { check: "reach", result: "fine", found: `${placeOf(facts)} in ${Math.round(facts.took)} ms` },
    hostKey(facts),
    { check: "login", result: "fine", found: `as ${facts.host.user}` },
    ...checkRightsAndLease(facts),
    checkDocker(facts, all.config),
    ...ifKnown(facts.machine, ({ ahead }) => checkClock(ahead, name)),
    checkDisk(facts),
    ...ifKnown(facts.machine, (machine) => checkMemory(machine, name)),
    ...checkLimits(facts, all.config),
    ...checkPorts(facts, all.config),
    ...checkInbound(facts),
    ...facts.pulls.map(checkPull),
    ...all.images.flatMap((image) => checkPlatform(image, facts)),
    ...checkKamal(facts, namesIn(all.config)),
    ...checkLeft(facts),
    ...checkRestores(facts),
  ];
}

type NoAccess = Extract<HostFacts, { kind: "no access" }>;

/** What a killed command left may hold production data, and the network. No row where there is nothing. */
function checkLeft({ host, left }: ReachedHost): CheckResult[] {
  if (left.kind === "unknown" || left.value.length === 0) return [];
  const names = left.value.map(({ name }) => name);
  return [
    {
      check: "left",
      result: "warning",
      found:
        names.length === 1 ? "a container has outlived its command" : `${names.length} containers have outlived their commands`,
      evidence: left.value.map(({ name, command }) => `${name}: ${command}`),
      next: `the next slipway exec or backup removes what is left; or on ${host.name}: docker rm -fv ${names.join(" ")}`,
    },
  ];
}

/** Until it is over, its accessory is stopped. No row without one. */
function checkRestores({ restores }: ReachedHost): CheckResult[] {
  if (restores.kind === "unknown") return [];
  return restores.value.map(({ name, container, backup, running }) => ({
    check: "restore",
    result: "warning",
    found: running
      ? `${container} is being restored from ${backup}`
      : `a restore of ${container} from ${backup} is over, and no command has seen how it ended`,
    next: running
      ? `wait: it ends by itself (docker logs -f ${name}); pulumi up and slipway backup restore wait for it, too`
      : "slipway backup restore, slipway accessory start or pulumi up says how it ended, and goes on if it was killed",
  }));
}

/** The steps before the failed one are fine. */
function checkNoAccess(facts: NoAccess): CheckResult[] {
  const { what: found, evidence, next } = facts.story;
  const wrong: CheckResult = { check: facts.stage, result: "wrong", found, evidence, next };
  const reach: CheckResult = { check: "reach", result: "fine", found: `${placeOf(facts)} answers` };
  const before = { reach: [], "host key": [reach], login: [reach, hostKey(facts)] };
  return [...before[facts.stage], wrong];
}

const placeOf = ({ host: { address, port } }: NoAccess | ReachedHost): string =>
  `${address.includes(":") ? `[${address}]` : address}:${port}`;

const hostKey = ({ host }: NoAccess | ReachedHost): CheckResult => ({
  check: "host key",
  result: "fine",
  found: host.hostKey === undefined ? "matches known_hosts" : "matches the config",
});

/** A fact about the machine; if it is unknown, only the rights check reports that. */
const ifKnown = (machine: Asked<Machine>, judge: (machine: Machine) => CheckResult): CheckResult[] =>
  machine.kind === "known" ? [judge(machine.value)] : [];

function checkRights({ host, machine, docker }: ReachedHost): CheckResult {
  const check = "rights";
  if (machine.kind === "unknown")
    return {
      check,
      // Every step of a run is a command.
      result: "wrong",
      found: `the host's shell gave no answer: ${machine.why}`,
      evidence: machine.evidence,
      next: machine.next ?? `try: ssh ${host.user}@${host.address} id`,
    };
  const { uid, groups, sudo } = machine.value;
  if (uid === 0) return { check, result: "fine", found: "root" };
  const rights = [
    ...(docker.kind === "known" || groups.includes("docker") ? ["may use Docker"] : []),
    ...(sudo === "free" ? ["may use sudo without a password"] : []),
  ];
  if (rights.length > 0) return { check, result: "fine", found: rights.join(", ") };
  return {
    check,
    result: "wrong",
    found: `${host.user} is neither root nor in the group docker, and ${SUDO[sudo]}`,
    next: `on ${host.name}, as root: usermod -aG docker ${host.user}`,
  };
}

/** Who may not change the host does not need its lease. */
function checkRightsAndLease(facts: ReachedHost): CheckResult[] {
  const rights = checkRights(facts);
  return rights.result === "wrong" ? [rights] : [rights, checkLease(facts)];
}

function checkLease({ lease }: ReachedHost): CheckResult {
  const check = "lease";
  if (lease.kind === "unknown") {
    const { why, evidence, next } = lease;
    return { check, result: "wrong", found: `cannot be acquired: ${why}`, evidence, next: next ?? "try again" };
  }
  const { heldBy, warnings } = lease.value;
  const held = `held by ${heldBy}: a run waits for it`;
  if (heldBy !== undefined)
    return { check, result: "warning", found: held, evidence: warnings, next: "wait for that run to end, or stop it" };
  if (lease.value.frozen !== undefined)
    return {
      check,
      result: "warning",
      found: `frozen by ${lease.value.frozen}`,
      evidence: warnings,
      next: "wait until then, or end it: slipway unlock",
    };
  if (warnings.length === 0) return { check, result: "fine", found: "free" };
  return { check, result: "warning", found: "free, with a weakness", evidence: warnings, next: "see docs/servers.md, The lease" };
}

const SUDO = { free: "sudo works", asks: "sudo asks for a password", none: "sudo is not installed" } as const;

function checkDocker(facts: ReachedHost, config: Config): CheckResult {
  const { host, docker } = facts;
  const check = "docker";
  if (docker.kind === "unknown") return checkTrouble(facts, docker, config);
  const { engine } = docker.value;
  const wanted = config.docker.version;
  if (wanted !== undefined && isOlder(engine, wanted)) return checkUpgrade(facts, engine, wanted);
  if (!isOlder(engine, OLDEST_ENGINE)) return { check, result: "fine", found: `Docker ${engine}` };
  return {
    check,
    result: "wrong",
    found: `Docker ${engine} is too old; ${OLDEST_ENGINE} or newer is required`,
    next: `upgrade Docker on ${host.name}`,
  };
}

function checkUpgrade({ host, machine }: ReachedHost, engine: string, wanted: string): CheckResult {
  const may = machine.kind === "known" && mayPrepare(machine.value);
  return {
    check: "docker",
    result: may ? "warning" : "wrong",
    found: `Docker ${engine}, and slipway:docker.version is ${wanted}${may ? "; pulumi up upgrades it" : ""}`,
    next: may ? "continue, at a time when its containers may stop" : `upgrade Docker on ${host.name}`,
  };
}

/** What a run fixes by itself is only a warning. */
function checkTrouble(facts: ReachedHost, { why, evidence, next }: Unknown, { docker }: Pick<Config, "docker">): CheckResult {
  const { machine, trouble } = facts;
  const wrong: CheckResult = { check: "docker", result: "wrong", found: why, evidence, next: next ?? "try again" };
  const remedy = trouble === undefined ? undefined : REMEDIES[trouble];
  if (machine.kind === "unknown" || remedy === undefined || !mayPrepare(machine.value)) return wrong;
  if (trouble === "missing" && !docker.install) return wrong;
  const { release } = machine.value;
  if (trouble === "missing" && distributionOf(release) === undefined)
    return {
      ...wrong,
      found: `${why}, and Slipway does not install it on ${calledBy(release)} (only on ${KNOWN_DISTRIBUTIONS})`,
    };
  return { ...wrong, result: "warning", found: `${why}; pulumi up ${remedy}`, next: `continue, or fix it by hand: ${next}` };
}

const mayPrepare = ({ uid, sudo }: Machine): boolean => uid === 0 || sudo === "free";

type Unknown = Extract<Asked<never>, { kind: "unknown" }>;

const REMEDIES: Readonly<Partial<Record<NonNullable<ReachedHost["trouble"]>, string>>> = {
  missing: "installs it",
  stopped: "starts it",
  forbidden: "adds the user to the group docker",
};

function checkClock(ahead: Seconds, host: HostName): CheckResult {
  const off = Math.abs(ahead);
  if (off <= CLOCK_OFF) return { check: "clock", result: "fine", found: "matches this machine's" };
  return {
    check: "clock",
    result: off > CLOCK_WRONG ? "wrong" : "warning",
    found: `${duration(off)} ${ahead > 0 ? "ahead of" : "behind"} this machine's`,
    next: `on the one that is wrong, ${host} or this machine: timedatectl set-ntp true`,
  };
}

function checkDisk({ host, disk }: ReachedHost): CheckResult {
  const check = "disk";
  if (disk.kind === "unknown") return { check, result: "warning", found: `unknown: ${disk.why}`, next: `on ${host.name}: df -h` };
  const { path, free, usedPercent } = disk.value;
  const result = free < SPARE_DISK ? "wrong" : free < LITTLE_DISK ? "warning" : "fine";
  const next = result === "fine" ? undefined : `free some disk on ${host.name} (see docker system df)`;
  return { check, result, found: `${bytes(free)} free in ${path}, ${usedPercent} % used`, next };
}

function checkMemory({ memory }: Machine, host: HostName): CheckResult {
  const check = "memory";
  if (memory === undefined)
    return { check, result: "warning", found: "unknown: /proc/meminfo gives no answer", next: `on ${host}: free -m` };
  const found = `${bytes(memory.available)} of ${bytes(memory.total)} available`;
  if (memory.available >= LITTLE_MEMORY) return { check, result: "fine", found };
  return { check, result: "warning", found, next: `free some memory on ${host} (top -o %MEM), or take a larger server` };
}

function checkPull({ image, there }: ReachedHost["pulls"][number]): CheckResult {
  const check = "pull";
  if (there.kind === "unknown")
    return {
      check,
      result: "wrong",
      found: `its Docker cannot pull ${image}: ${there.why}`,
      evidence: there.evidence,
      next: there.next ?? "check slipway:registry, and that the host can reach it",
    };
  if (there.value) return { check, result: "fine", found: `its Docker can pull ${image}` };
  return { check, result: "wrong", found: `its Docker does not find ${image}`, next: "push it, or correct slipway:image" };
}

function checkPlatform({ image, built }: Facts["images"][number], { machine, docker }: ReachedHost): CheckResult[] {
  const arch = docker.kind === "known" ? docker.value.arch : machine.kind === "known" ? machine.value.arch : undefined;
  if (arch === undefined || built.kind === "unknown" || built.value.platforms.length === 0) return [];
  const platforms = built.value.platforms.map((platform) => `${platform.os}/${platform.arch}`);
  const own = `linux/${arch}`;
  if (platforms.includes(own)) return [{ check: "image", result: "fine", found: `built for ${own}` }];
  return [
    {
      check: "image",
      result: "wrong",
      found: `built for ${[...new Set(platforms)].join(", ")}; this host is ${own}`,
      evidence: [image],
      next: `build it for ${own} (docker build --platform ${own}), and push it`,
    },
  ];
}
