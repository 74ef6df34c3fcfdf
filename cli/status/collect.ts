import { reasonOf } from "../../core/error.ts";
import { appName } from "../../core/names.ts";
import { STOPPED_MESSAGE } from "../../core/release/maintenance.ts";
import type { RouteOptions } from "../../core/route.ts";
import type { HostName } from "../../core/words.ts";
import { type Disk, diskOf, type Freeze, type Holder, type Host, type Hosts } from "../../hosts/index.ts";
import { isStoppedByCommand, plainName, STOPPED_BY_COMMAND } from "../../providers/release/taken-out.ts";
import { reportAccessory } from "../accessory/report.ts";
import { hostsAt } from "../stack/access.ts";
import { lookAt } from "../stack/accessories.ts";
import type { Stack } from "../stack/read-stack.ts";
import { type FoundHost, liveOn, routeOf, type Survey, survey, type Wanted, wordsFor } from "../stack/release.ts";
import { type Released, releaseOf } from "../stack/release-history.ts";
import type { ContainerReport, HostReport, RollbackReport, RouteReport, StatusReport } from "./report.ts";

/** Reads every host of a stack's apps, over one connection each, also where several apps share a host. Changes nothing. */
export async function reportsOn(apps: readonly [Stack, ...Stack[]]): Promise<readonly [StatusReport, ...StatusReport[]]> {
  const [first, ...others] = apps;
  const hosts = hostsAt(first.access);
  try {
    return await Promise.all([reportOn(first, hosts), ...others.map((app) => reportOn(app, hosts))]);
  } finally {
    await hosts.close();
  }
}

async function reportOn(stack: Stack, hosts: Hosts): Promise<StatusReport> {
  const { inputs, declaredAt, urls } = stack;
  // An accessory may have a host of its own.
  const addresses = { ...Object.fromEntries(stack.accessories.map(({ host }) => [host.name, host])), ...inputs.hosts };
  const machines = Object.values(addresses).map((address) => hosts.at(address));
  const [seen, ...extras] = await Promise.all([survey(inputs, hosts), ...machines.map((host) => readExtras(stack, host))]);
  const unsorted = await Promise.all(
    machines.map((host, at) => {
      const own = extras[at] ?? NOTHING_SEEN;
      return host.name in inputs.hosts ? reportHost(stack, seen, host, own) : reportBeside(stack, host, own);
    }),
  );
  const reports = unsorted.sort((a, b) => (a.host < b.host ? -1 : 1));
  return {
    schema: 1,
    stack: stack.stack,
    service: inputs.service,
    destination: inputs.destination ?? null,
    verdict: verdictOn(seen, reports),
    release: { id: inputs.release, version: inputs.version, image: inputs.image, declared_at: declaredAt || null },
    urls,
    serves: seen.serves,
    hosts: reports,
    rollbacks: rollbacksOf(reports, seen, stack.releases),
  };
}

/** What is read of a host besides the release. */
interface Extras extends Pick<HostReport, "accessories" | "scheduled" | "lease" | "freeze" | "disk"> {
  /** Why it is unreachable. */
  readonly unreachable: string | null;
}

const NOTHING_SEEN: Extras = {
  accessories: [],
  scheduled: [],
  lease: null,
  freeze: null,
  disk: null,
  unreachable: "it was not read",
};

async function readExtras({ accessories, schedules, inputs }: Stack, host: Host): Promise<Extras> {
  const declared = accessories.filter((accessory) => accessory.host.name === host.name);
  // Without an answer, the lease and the disk are left out.
  const ifKnown = <T>(asked: Promise<T>) => asked.catch(() => undefined);
  const [lease, freezes, disk, scheduled, found] = await Promise.all([
    ifKnown(host.holders()),
    ifKnown(host.freezes(appName(inputs))),
    ifKnown(diskOf(host)),
    ifKnown(lookAtSchedule(schedules, host)),
    Promise.all(declared.map((accessory) => lookAt(accessory, host))).catch((thrown: unknown) => reasonOf(thrown, host.name)),
  ]);
  return {
    ...extrasReport(lease, disk),
    freeze: freezeReport(freezes),
    unreachable: typeof found === "string" ? found : null,
    scheduled: scheduled ?? [],
    accessories: declared.map((accessory, at) => reportAccessory(accessory, typeof found === "string" ? undefined : found[at])),
  };
}

/** Most stacks have none, and do not load the code for them. An accessory without an app has one of its own beside the app's. */
async function lookAtSchedule(schedules: Stack["schedules"], host: Host): Promise<HostReport["scheduled"]> {
  const own = schedules.filter((schedule) => schedule.host.name === host.name);
  if (own.length === 0) return [];
  const { scheduledOn } = await import("./scheduled.ts");
  return (await Promise.all(own.map((schedule) => scheduledOn(schedule, host)))).flat();
}

const extrasReport = (leases: readonly Holder[] = [], disk: Disk | undefined): Pick<HostReport, "lease" | "disk"> => ({
  lease: leaseReport(leases),
  disk: disk === undefined ? null : { path: disk.path, free_bytes: disk.free, used_percent: disk.usedPercent },
});

const freezeReport = ([freeze]: readonly Freeze[] = []): HostReport["freeze"] =>
  freeze === undefined ? null : { by: freeze.by, why: freeze.why, since_seconds: freeze.age, left_seconds: freeze.left };

/** Runs of several apps share a machine. */
const leaseReport = (leases: readonly Holder[]): HostReport["lease"] =>
  leases.length === 0
    ? null
    : { owner: leases.map(({ owner }) => owner).join(", "), held_seconds: Math.max(...leases.map(({ seconds }) => seconds)) };

/** A host with accessories that runs no part of the app. */
async function reportBeside(stack: Stack, host: Host, own: Extras): Promise<HostReport> {
  const nothing = { containers: [], routes: [], leftovers: [], finishing: [], retired: [], proxy: null, change: null };
  const certificates = own.unreachable === null ? await readCertificates(stack, host, []) : [];
  return { host: host.name, address: host.address.address, ...nothing, certificates, ...own };
}

/** Of the app's routes and those of accessories. Most have none, and do not load the code for them. */
async function readCertificates(
  { accessories }: Stack,
  host: Host,
  ofApp: readonly RouteOptions[],
): Promise<HostReport["certificates"]> {
  const ofAccessories = accessories.flatMap(({ host: { name }, proxy }) =>
    name === host.name && proxy !== undefined ? [proxy] : [],
  );
  const routes = [...ofApp, ...ofAccessories];
  if (routes.every(({ tls }) => tls.kind === "off")) return [];
  const { certificatesOn, securedIn } = await import("./certificates.ts");
  return certificatesOn(host, securedIn(routes), new Date());
}

async function reportHost(stack: Stack, seen: Survey, host: Host, own: Extras): Promise<HostReport> {
  const { name, address } = host.address;
  const found = withPlainNames(seen.fleet[name]);
  const change = wordsFor(name, stack.inputs, seen) ?? null;
  if (found?.kind !== "reached") {
    const nothing = { containers: [], routes: [], certificates: [], leftovers: [], finishing: [], retired: [], proxy: null };
    return { host: name, address, ...own, ...nothing, unreachable: found?.reason ?? "it was not read", change };
  }
  const [containers, certificates] = await Promise.all([
    containersOn(stack, seen, host, found),
    readCertificates(
      stack,
      host,
      found.routes.map(({ options }) => options),
    ).catch(() => []),
  ]);
  const shown = new Set(containers.map(({ container }) => container));
  const others = found.containers.filter((container) => !shown.has(container.name));
  return {
    host: name,
    address,
    ...own,
    unreachable: null,
    containers,
    change,
    proxy: found.proxy,
    routes: found.routes.map(routeReport),
    certificates,
    leftovers: others.filter(({ running, finishing }) => running && finishing === undefined).map(({ name }) => name),
    finishing: others.flatMap(({ role, name, finishing }) => (finishing ? [{ role, container: name, ...finishing }] : [])),
    retired: others
      .filter(({ running }) => !running)
      .sort((a, b) => b.created - a.created)
      .map((container) => ({ role: container.role, release: container.release ?? container.name, container: container.name })),
  };
}

type ReachedHost = Extract<FoundHost, { kind: "reached" }>;

/** What `slipway stop` has stopped is in its place, and says so. */
function withPlainNames(found: FoundHost | undefined): FoundHost | undefined {
  if (found?.kind !== "reached") return found;
  const containers = found.containers.map((one) =>
    isStoppedByCommand(one) ? { ...one, name: plainName(one.name), status: STOPPED_BY_COMMAND } : one,
  );
  return { ...found, containers };
}

/** One entry for each declared container, then one for each that serves without being declared. */
async function containersOn({ inputs }: Stack, seen: Survey, host: Host, found: ReachedHost): Promise<ContainerReport[]> {
  const wanted = seen.wanted.filter((place) => place.host === host.name);
  const live = liveOn(inputs, host.name, found);
  const wantedNames = new Set(wanted.map(({ container }) => container));
  const running = found.containers.filter(
    (container) => live.some(({ id }) => id === container.id) || wantedNames.has(container.name),
  );
  const inspected = await Promise.all(
    running.map(async ({ id }) => {
      // What Docker does not say is unknown, and hides nothing else.
      const memory = host.docker.memoryOf(id).catch(() => undefined);
      const container = await host.docker.inspect(id);
      return container && { ...container, memory: await memory };
    }),
  );
  const seenAs = (name: string) => inspected.find((container) => container?.name === name);

  const line = (role: string, replica: number, name: string, place: Wanted | undefined): ContainerReport => {
    const there = found.containers.find((container) => container.name === name);
    const docker = seenAs(name);
    return {
      role,
      replica,
      container: there?.name ?? null,
      release: there === undefined ? null : (there.release ?? there.name),
      wanted: place?.release ?? null,
      state: there === undefined ? "missing" : inWords(there, found),
      health: docker?.state.health ?? null,
      since: docker?.state.running ? docker.state.startedAt : null,
      restarts: docker?.restarts ?? null,
      memory_bytes: docker?.memory ?? null,
      memory_limit_bytes: docker?.memoryLimit || null,
    };
  };
  const strangers = live.filter(({ name }) => !wantedNames.has(name));
  return [
    ...wanted
      // What serves instead takes its entry.
      .filter((place) => found.containers.some(({ name }) => name === place.container) || !strangers.some(isFor(place)))
      .map((place) => line(place.role, place.replica, place.container, place)),
    ...strangers.map(({ role, replica, name }) =>
      line(
        role,
        replica,
        name,
        wanted.find((place) => isFor(place)({ role, replica })),
      ),
    ),
  ];
}

const isFor =
  ({ role, replica }: Wanted) =>
  (other: { readonly role: string; readonly replica: number }): boolean =>
    other.role === role && other.replica === replica;

function inWords(container: ReachedHost["containers"][number], found: ReachedHost): string {
  if (!container.running) return container.status;
  const route = routeOf(found, container.role);
  const isAmong = (targets: readonly string[] = []) =>
    targets.some((target) => container.id.startsWith(target.split(":")[0] ?? "?"));
  if (isAmong(route?.targets)) return found.proxy === "running" ? "serving" : `running; kamal-proxy ${found.proxy}`;
  return isAmong(route?.rollout?.targets) ? "canary" : "running";
}

const STATES = { running: "serving", paused: "paused", stopped: "maintenance" } as const;

const routeReport = ({ role, state, rollout }: ReachedHost["routes"][number]): RouteReport => ({
  role,
  state: state.kind === "stopped" && state.message === STOPPED_MESSAGE ? "stopped" : STATES[state.kind],
  message: state.kind === "stopped" ? state.message : null,
  canary: rollout === undefined ? null : { percent: rollout.percent, allow: rollout.allow },
});

function verdictOn({ asDeclared, plan }: Survey, hosts: readonly HostReport[]): StatusReport["verdict"] {
  const isPlain = ({ leftovers, accessories }: HostReport) =>
    leftovers.length === 0 && accessories.every(({ drift }) => drift === null);
  if (asDeclared && hosts.every((host) => host.unreachable === null && isPlain(host))) return "as declared";
  const unknown = hosts.every((host) => host.unreachable !== null || (host.change === null && isPlain(host)));
  return unknown && plan.operations.length === 0 ? "unknown" : "not as declared";
}

/** Only what `slipway rollback --to` accepts: a container that Kamal has left is none of our releases. */
export function rollbacksOf(
  hosts: readonly Pick<HostReport, "host" | "retired">[],
  { wanted }: Pick<Survey, "wanted">,
  releases: readonly Released[],
): RollbackReport[] {
  const kept = hosts.flatMap(({ host, retired }) =>
    retired.flatMap(({ role, release: id }) => {
      const release = releaseOf(id, releases)?.release;
      return release === undefined ? [] : [{ host, role, release }];
    }),
  );
  const groups = Map.groupBy(kept, ({ role, release }) => `${role} ${release}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const having: HostName[] = [...new Set(group.map(({ host }) => host))];
    const needing = wanted.filter(({ role }) => role === first.role).map(({ host }) => host);
    const everywhere = needing.every((host) => having.includes(host));
    return [{ role: first.role, release: first.release, hosts: having, everywhere }];
  });
}
