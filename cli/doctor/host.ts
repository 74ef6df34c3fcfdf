import type { ExistingHost } from "../../config/hosts/host.ts";
import type { Deadline } from "../../core/deadline.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { appName } from "../../core/names.ts";
import {
  Address,
  type Disk,
  type Docker,
  DockerUnavailable,
  describeFreeze,
  describeHolders,
  diskOf,
  type Host,
  type Hosts,
  type Obstacle,
  operator,
  parseDf,
  type RegistryAuth,
  Unreachable,
} from "../../hosts/index.ts";
import { knockInbound } from "../../providers/exposure/inbound.ts";
import { restoresIn } from "../../providers/steps/restore.ts";
import { leftIn } from "../../providers/steps/temporary.ts";
import { andThen, ask } from "./ask.ts";
import type { Asked, HostFacts, LeaseFacts, Published, ReachedHost, Stage } from "./facts.ts";
import { type AppNames, kamalIn, NOTHING_OF_KAMAL } from "./kamal.ts";
import { lookAtMachine } from "./machine.ts";
import { resolveAddress } from "./names.ts";

/** What a release needs from one host. */
export interface HostNeeds {
  readonly images: readonly string[];
  readonly registry: RegistryAuth | undefined;
  readonly app: AppNames;
  /** Ports that visitors reach. */
  readonly inbound: readonly number[];
}

/** Where Docker's data would be, if Docker is missing. */
const DEFAULT_ROOT = "/var/lib";

/** Reads everything that a release needs from one host. A failure is a finding, and is never thrown. */
export async function lookAtHost(existing: ExistingHost, needs: HostNeeds, hosts: Hosts, deadline: Deadline): Promise<HostFacts> {
  const host = hosts.at(Address.parse(existing));
  const began = performance.now();
  try {
    await deadline.race(host.connect(), () => new Error("no SSH connection in time"));
  } catch (thrown) {
    return noAccessTo(existing, thrown);
  }
  const took = performance.now() - began;
  const addresses = resolveAddress(existing.address, deadline);
  const [looked, lease, docker, resolved, inbound] = await Promise.all([
    ask(lookAtMachine(host, deadline), deadline),
    ask(tryLease(host, appName(needs.app), deadline), deadline),
    askDocker(host, deadline),
    addresses,
    addresses.then((all) => knockInbound(all, needs.inbound)),
  ]);
  const noDisk = andThen(looked, ({ df }) => parseDf(df, DEFAULT_ROOT));
  const nothing = { kind: "known", value: [] } as const;
  const withoutDocker: Looks = [noDisk, nothing, NOTHING_OF_KAMAL, nothing, nothing, [], ALL_SUPPORTED];
  const [disk, published, kamal, left, restores, pulls, supports] =
    docker.docker.kind === "known" ? await lookAtDocker(host, needs, deadline) : withoutDocker;
  const machine = andThen(looked, (look) => look.machine);
  return {
    kind: "reached",
    host: existing,
    took,
    resolved,
    machine,
    lease,
    ...docker,
    disk: said(disk),
    supports,
    published,
    kamal,
    left,
    restores,
    inbound,
    pulls,
  };
}

/** Acquires the lease and releases it at once: only then is it known that a run can. */
async function tryLease(host: Host, app: string, deadline: Deadline): Promise<LeaseFacts> {
  const warnings: string[] = [];
  const [freeze] = await host.freezes(app);
  const frozen = freeze && describeFreeze(freeze);
  const lease = await host.tryLease(`${operator()} (slipway doctor)`, {
    deadline,
    freeze: "pass",
    warn: (text) => warnings.push(text),
  });
  if (lease !== undefined) {
    await lease.release();
    return { heldBy: undefined, frozen, warnings };
  }
  const holders = await host.holders();
  return { heldBy: holders.length === 0 ? "another process on the host" : describeHolders(holders), frozen, warnings };
}

async function askDocker(host: Host, deadline: Deadline): Promise<Pick<ReachedHost, "docker" | "trouble">> {
  let trouble: ReachedHost["trouble"];
  const version = host.docker.version().catch((thrown: unknown) => {
    if (thrown instanceof DockerUnavailable) trouble = thrown.kind;
    throw thrown;
  });
  return { docker: await ask(version, deadline), trouble };
}

type Looks = [
  Asked<Disk | undefined>,
  ReachedHost["published"],
  ReachedHost["kamal"],
  ReachedHost["left"],
  ReachedHost["restores"],
  ReachedHost["pulls"],
  ReachedHost["supports"],
];

const ALL_SUPPORTED: ReachedHost["supports"] = { kind: "known", value: { memory: true, cpus: true, pids: true } };

function lookAtDocker(host: Host, { images, registry, app }: HostNeeds, deadline: Deadline): Promise<Looks> {
  const pull = async (image: string) => {
    const there = await ask(host.docker.distribution(image, registry), deadline);
    return { image, there: andThen(there, (found) => found !== undefined) };
  };
  const [all, info] = [host.docker.containers({}), host.docker.info()];
  const left = Promise.all([all, info]).then(([containers, { time }]) => leftIn(containers, time));
  return Promise.all([
    ask(diskOf(host, info), deadline),
    ask(publishedOn(host.docker), deadline),
    ask(
      all.then((containers) => kamalIn(app, containers)),
      deadline,
    ),
    ask(left, deadline),
    ask(all.then(restoresIn), deadline),
    Promise.all(images.map(pull)),
    ask(
      info.then(({ supports }) => supports),
      deadline,
    ),
  ]);
}

const said = (asked: Asked<Disk | undefined>): Asked<Disk> => {
  if (asked.kind === "unknown") return asked;
  return asked.value === undefined
    ? { kind: "unknown", why: "df gives no answer", evidence: [] }
    : { kind: "known", value: asked.value };
};

/** Docker can publish a port without a process that listens. */
async function publishedOn(docker: Docker): Promise<Published[]> {
  return (await docker.running()).flatMap(({ name, image, ports }) =>
    ports
      .filter(({ protocol, hostPort }) => protocol === "tcp" && hostPort > 0)
      .map(({ hostIp, hostPort }) => ({ container: name, image, address: hostIp, port: hostPort })),
  );
}

/** The finding of a failed connection. The error of a jump host does not name a host of the config. */
export function noAccessTo(host: ExistingHost, thrown: unknown): Extract<HostFacts, { kind: "no access" }> {
  if (thrown instanceof SlipwayError) {
    const { what, evidence = [], next, host: whose } = thrown.story;
    const stage = thrown instanceof Unreachable && whose !== undefined ? (STAGES[thrown.obstacle] ?? "reach") : "reach";
    return { kind: "no access", host, stage, story: { what, evidence, next } };
  }
  const next = `try: ssh -p ${host.port} ${host.user}@${host.address}`;
  return { kind: "no access", host, stage: "reach", story: { what: messageOf(thrown), evidence: [], next } };
}

const STAGES: Readonly<Partial<Record<Obstacle, Stage>>> = { distrust: "host key", login: "login" };
