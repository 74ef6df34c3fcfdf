import type { HostName } from "../../core/words.ts";
import type { Holder, Host } from "../../hosts/index.ts";
import { type FoundHost, liveOn, routeOf, type Survey, survey, type Wanted, wordsFor } from "../facts.ts";
import { hostsAt } from "../reach.ts";
import type { Stack } from "../stack.ts";
import { type Disk, diskOf } from "./disk.ts";
import type { ContainerReport, HostReport, RollbackReport, RouteReport, StatusReport } from "./report.ts";

/** Looks at every host of the stack, over one connection each, and says what was found. Nothing is changed. */
export async function reportOn(stack: Stack): Promise<StatusReport> {
  const { inputs, declaredAt, urls } = stack;
  const hosts = hostsAt(stack.access);
  try {
    const machines = Object.values(inputs.hosts).map((address) => hosts.at(address));
    const [seen, ...asides] = await Promise.all([survey(inputs, hosts), ...machines.map(lookAside)]);
    const told = await Promise.all(machines.map((host, at) => reportHost(stack, seen, host, asides[at])));
    const reports = told.sort((a, b) => (a.host < b.host ? -1 : 1));
    return {
      ...{ schema: 1, stack: stack.stack, service: inputs.service, destination: inputs.destination ?? null },
      verdict: verdictOn(seen, reports),
      release: { id: inputs.release, version: inputs.version, image: inputs.image, declared_at: declaredAt || null },
      ...{ urls, serves: seen.serves, hosts: reports, rollbacks: rollbacksOf(reports, seen) },
    };
  } finally {
    await hosts.close();
  }
}

/** What the planner need not know. */
interface Aside {
  readonly lease: Holder | undefined;
  readonly disk: Disk | undefined;
}

async function lookAside(host: Host): Promise<Aside> {
  // A host that cannot be asked is told by the survey, with its reason; a `df` or a /proc that says nothing leaves its place empty.
  const ifKnown = <T>(asked: Promise<T>) => asked.catch(() => undefined);
  const [lease, disk] = await Promise.all([ifKnown(host.holder()), ifKnown(diskOf(host))]);
  return { lease, disk };
}

async function reportHost(stack: Stack, seen: Survey, host: Host, aside: Aside | undefined): Promise<HostReport> {
  const { name, address } = host.address;
  const found = seen.fleet[name];
  const change = wordsFor(name, stack.inputs, seen) ?? null;
  if (found?.reach !== "reached") {
    const nothing = { containers: [], routes: [], leftovers: [], retired: [], proxy: null, lease: null, disk: null };
    return { host: name, address, unreachable: found?.reason ?? "it was not asked", change, ...nothing };
  }
  const containers = await containersOn(stack, seen, host, found);
  const shown = new Set(containers.map(({ container }) => container));
  const others = found.containers.filter((container) => !shown.has(container.name));
  return {
    ...{ host: name, address, unreachable: null, containers, change, proxy: found.proxy },
    routes: found.routes.map(routeReport),
    leftovers: others.filter(({ running }) => running).map((container) => container.name),
    retired: others
      .filter(({ running }) => !running)
      .sort((a, b) => b.created - a.created)
      .map((container) => ({ role: container.role, release: container.release ?? container.name, container: container.name })),
    lease: aside?.lease === undefined ? null : { owner: aside.lease.owner, held_seconds: aside.lease.seconds },
    disk: aside?.disk === undefined ? null : { ...aside.disk },
  };
}

type Reached = Extract<FoundHost, { reach: "reached" }>;

/** One line for each container that is wanted, then for each that serves without being wanted. */
async function containersOn({ inputs }: Stack, seen: Survey, host: Host, found: Reached): Promise<ContainerReport[]> {
  const wanted = seen.wanted.filter((place) => place.host === host.name);
  const live = liveOn(inputs, host.name, found);
  const wantedNames = new Set(wanted.map(({ container }) => container));
  const running = found.containers.filter(
    (container) => live.some(({ id }) => id === container.id) || wantedNames.has(container.name),
  );
  const inspected = await Promise.all(running.map(({ id }) => host.docker.inspect(id)));
  const stateOf = (name: string) => inspected.find((container) => container?.name === name)?.state;

  const line = (role: string, replica: number, name: string, place: Wanted | undefined): ContainerReport => {
    const there = found.containers.find((container) => container.name === name);
    const docker = stateOf(name);
    return {
      ...{ role, replica, container: there?.name ?? null, release: there === undefined ? null : (there.release ?? there.name) },
      ...{ wanted: place?.release ?? null, state: there === undefined ? "missing" : inWords(there, found) },
      ...{ health: docker?.health ?? null, since: docker?.running ? docker.startedAt : null },
    };
  };
  const strangers = live.filter(({ name }) => !wantedNames.has(name));
  return [
    ...wanted
      // What serves instead stands in its line.
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

function inWords(container: Reached["containers"][number], found: Reached): string {
  if (!container.running) return container.status;
  const route = routeOf(found, container.role);
  const isAmong = (targets: readonly string[] = []) =>
    targets.some((target) => container.id.startsWith(target.split(":")[0] ?? "?"));
  if (isAmong(route?.targets)) return found.proxy === "running" ? "serving" : `running; kamal-proxy ${found.proxy}`;
  return isAmong(route?.rollout?.targets) ? "canary" : "running";
}

const STATES = { running: "serving", paused: "paused", stopped: "maintenance" } as const;

const routeReport = ({ role, state, rollout }: Reached["routes"][number]): RouteReport => ({
  role,
  state: STATES[state.kind],
  message: state.kind === "stopped" ? state.message : null,
  canary: rollout === undefined ? null : { percent: rollout.percent, allow: rollout.allow },
});

function verdictOn({ asDeclared, plan }: Survey, hosts: readonly HostReport[]): StatusReport["verdict"] {
  if (asDeclared && hosts.every(({ leftovers }) => leftovers.length === 0)) return "as declared";
  const unknown = hosts.every(
    ({ unreachable, change, leftovers }) => unreachable !== null || (change === null && leftovers.length === 0),
  );
  return unknown && plan.operations.length === 0 ? "unknown" : "not as declared";
}

function rollbacksOf(hosts: readonly HostReport[], { wanted }: Survey): RollbackReport[] {
  const kept = hosts.flatMap(({ host, retired }) => retired.map((container) => ({ host, ...container })));
  const groups = Map.groupBy(kept, ({ role, release }) => `${role} ${release}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const having: HostName[] = [...new Set(group.map(({ host }) => host))];
    const needing = wanted.filter(({ role }) => role === first.role).map(({ host }) => host);
    return [
      { role: first.role, release: first.release, hosts: having, everywhere: needing.every((host) => having.includes(host)) },
    ];
  });
}
