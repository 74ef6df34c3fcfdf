import fc from "fast-check";
import { expect, it } from "vitest";
import { prefixOf } from "../../../../core/names.ts";
import type { HostName, RoleName, Slot } from "../../../../core/words.ts";
import type { Fleet, Found, FoundRoute } from "../../../../providers/release/fleet.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { isRouted, routeOf } from "../../../../providers/release/live.ts";
import { KINDS, type Kind, type Operation } from "../../../../providers/release/operation.ts";
import { places } from "../../../../providers/release/places.ts";
import { only, type Plan, planRelease } from "../../../../providers/release/plan.ts";
import { commandName } from "../../../../providers/release/plan-commands.ts";
import { aMess, aWish, HOSTS, ROLES } from "./arbitrary.ts";
import { containersOf, mustBeConverged } from "./converged.ts";
import { aHost, exited } from "./fixture.ts";
import { isOfSwap, Model, must, protocol, reachedHosts, same } from "./model.ts";
import { takenBack } from "./taken-back.ts";

/** A failure prints its seed and path: `fc.assert(…, { seed, path, endOnFailure: true })` runs that case alone. */
const CASES = { numRuns: 300 };

const forAll = (check: (wanted: ReleaseInputs, fleet: Fleet) => void): void => fc.assert(fc.property(aWish, aMess, check), CASES);
const forAllAt = (check: (wanted: ReleaseInputs, fleet: Fleet, at: number) => void): void =>
  fc.assert(fc.property(aWish, aMess, fc.nat(60), check), CASES);

const stepsOf = (wanted: ReleaseInputs, fleet: Fleet): Operation[] => protocol(planRelease(wanted, fleet), wanted, fleet).flat();

it("reaches what is wanted from anything that may be found, and a second plan is empty", () => {
  forAll((wanted, fleet) => {
    const plan = planRelease(wanted, fleet);
    const model = new Model(fleet, wanted).run(stepsOf(wanted, fleet));
    mustBeConverged(wanted, model.fleet, fleet);
    // What was left to finish ends by itself, which changes nothing.
    same(planRelease(wanted, finished(model.fleet)).operations, []);
    for (const { host, container } of only(plan, "run-command")) {
      const notes = reachedHosts(model.fleet).flatMap(([name, found]) => (name === host ? found.commands : []));
      same(notes.filter(({ name, state }) => name === container && state === "done").length, 1);
    }
  });
});

const finished = (fleet: Fleet): Fleet =>
  Object.fromEntries(
    Object.entries(fleet).map(([name, host]) => {
      if (host.kind !== "reached") return [name, host];
      const ended = ({ finishing, ...container }: Found) => (finishing === undefined ? container : exited(container));
      return [name, { ...host, containers: host.containers.map(ended) }];
    }),
  );

it("reaches it after a death at any step", () => {
  forAllAt((wanted, fleet, at) => {
    const steps = stepsOf(wanted, fleet);
    const half = new Model(fleet, wanted).run(steps.slice(0, at % (steps.length + 1))).fleet;
    const again = stepsOf(wanted, half);
    mustBeConverged(wanted, new Model(half, wanted).run(again).fleet, fleet);
  });
});

it("keeps what answers running and routed until something else answers, at every step", () => {
  forAll((wanted, fleet) => {
    const model = new Model(fleet, wanted);
    const served = reachedHosts(fleet).flatMap(([host, found]) =>
      found.routes.flatMap((route) => servedAt(host, found.containers, route)),
    );
    for (const operation of stepsOf(wanted, fleet)) {
      model.run([operation]);
      for (const slot of served) if (slot.host === operation.host) mustAnswer(slot, wanted, model.fleet, operation);
    }
  });
});

interface Served {
  readonly host: HostName;
  readonly role: RoleName;
  /** What answered when the run began. */
  readonly old: readonly Found[];
}

function servedAt(host: HostName, containers: readonly Found[], route: FoundRoute): Served[] {
  const old = containers.filter(({ running, id }) => running && isRouted({ ...route, rollout: undefined }, { id }));
  return old.length === 0 ? [] : [{ host, role: route.role, old }];
}

function mustAnswer({ host, role, old }: Served, wanted: ReleaseInputs, fleet: Fleet, after: Operation): void {
  const spec = wanted.roles[role];
  const stays = spec?.proxy !== undefined && spec.hosts.includes(host);
  const at = `${host}/${role} after ${after.do}`;
  const route = routeOf(fleet[host], role);
  must(route !== undefined || !stays, `the route of ${at} is there`);
  if (route === undefined) return;
  const containers = containersOf(fleet, host, role);
  if (containers.some((container) => container.running && isRouted({ ...route, rollout: undefined }, container))) return;
  must(spec?.strategy === "stop-first" && spec.hosts.includes(host), `something answers at ${at}`);
  // What left the proxy loses its route anyway.
  if (stays) must(route.state.kind !== "running", `requests to ${at} wait, or are turned away, while nothing answers`);
  for (const { id, name } of old)
    must(
      containers.some((one) => one.id === id),
      `${name} is still there at ${at}`,
    );
}

it("names nothing that is not of this app", () => {
  const names = (operation: Operation): readonly string[] => {
    if (operation.do === "switch") return [...operation.to, ...operation.from];
    if (operation.do === "canary") return [operation.to];
    return "container" in operation ? [operation.container] : [];
  };
  forAll((wanted, fleet) => {
    const { operations } = planRelease(wanted, fleet);
    const wantedNames = places(wanted).map(({ host, container }) => `${host} ${container}`);
    const tracks = [wanted.release, wanted.canary?.release ?? wanted.release];
    const commands = [0, 1].flatMap((index) => tracks.map((release) => commandName(wanted, release, index)));
    const routes = new Set(Object.keys(ROLES).map((role) => prefixOf(wanted, role)));
    const hosts = new Map(reachedHosts(fleet));
    const found = (host: HostName) => {
      const { containers, commands: notes, helpers } = hosts.get(host) ?? aHost();
      return [...containers, ...notes, ...helpers];
    };
    const ids = (host: HostName) => [...found(host), ...(hosts.get(host)?.images ?? [])].map(({ id }) => id);
    for (const operation of operations) {
      const { host } = operation;
      must(host in wanted.hosts || hosts.has(host), `${host} is of this app`);
      if ("id" in operation) must(ids(host).includes(operation.id), `${operation.id} is of this app`);
      if ("route" in operation) must(routes.has(operation.route), `${operation.route} is of this app`);
      for (const name of names(operation)) {
        const ours =
          wantedNames.includes(`${host} ${name}`) || commands.includes(name) || found(host).some((one) => one.name === name);
        must(ours, `${name} is of this app`);
      }
    }
  });
});

it("gives each start its requests in the same wave, takes each operation in one step, and keeps to the limit", () => {
  forAll((wanted, fleet) => {
    const plan = planRelease(wanted, fleet);
    same(stepsOf(wanted, fleet).length, plan.operations.length);
    const waveOf = (slot: Slot) => plan.waves.findIndex((wave) => wave.includes(slot));
    for (const { host, role, container } of only(plan, "start")) {
      must(waveOf(`${host}/${role}`) >= 0, `${container} is in a wave`);
      if (wanted.roles[role]?.proxy === undefined) continue;
      const given = [...only(plan, "switch"), ...only(plan, "canary")].filter((one) => one.host === host && one.role === role);
      must(
        given.some(({ to }) => to === container || to.includes(container)),
        `${container} gets requests`,
      );
    }
    for (const { host, role } of only(plan, "canary"))
      must(waveOf(`${host}/${role}`) >= 0, `the canary of ${host}/${role} is proved`);
    same(plan.waves.flat().length, new Set(plan.waves.flat()).size);
    for (const wave of plan.waves) mustKeepTo(wanted.boot, wave);
  });
});

function mustKeepTo({ limit, parallelRoles }: ReleaseInputs["boot"], wave: readonly Slot[]): void {
  const [hosts, roles] = [0, 1].map((part) => new Set(wave.map((slot) => slot.split("/")[part])).size);
  must(wave.length > 0, "a wave does something");
  must(limit === 0 || (hosts ?? 0) <= limit, `${hosts} hosts at once`);
  must(parallelRoles || roles === 1, `${roles} roles at once`);
}

it("asks nothing of a host that cannot be reached, and says which one that is", () => {
  forAll((wanted, fleet) => {
    const away = Object.keys(fleet).filter((host) => fleet[host]?.kind === "unreachable");
    const plan = planRelease(wanted, fleet);
    same(
      plan.operations.filter(({ host }) => away.includes(host)),
      [],
    );
    same(
      plan.waves.flat().filter((slot) => away.some((host) => slot.startsWith(`${host}/`))),
      [],
    );
    same(
      plan.unreachable.map(({ host }) => host),
      away.sort(),
    );
  });
});

it("is the plan that it was when a swap that failed was taken back", () => {
  forAllAt((wanted, fleet, at) => {
    const plan = planRelease(wanted, fleet);
    const steps = stepsOf(wanted, fleet);
    const start = steps.findIndex(isOfSwap);
    if (start < 0) return;
    // What finished meanwhile stays so.
    if (steps.some((step) => step.do === "stop-before" && step.until !== undefined)) return;
    const before = new Model(fleet, wanted).run(steps.slice(0, start)).fleet;
    const swap = steps.slice(start).filter(isOfSwap);
    const done = swap.slice(0, at % (swap.length + 1));
    const now = new Model(before, wanted).run(done).fleet;
    const adopted = new Set(adoptedBy(plan, before));
    const [then, again] = [before, takenBack(now, done, before)].map((one) => without(adopted, one));
    same(planRelease(wanted, again ?? {}).operations, planRelease(wanted, then ?? {}).operations);
  });
});

/** Candidates of a dead run: `takeBack` removes them like those that the run has started itself. */
function adoptedBy(plan: Plan, fleet: Fleet): string[] {
  const given = [...only(plan, "switch"), ...only(plan, "canary")];
  return given.flatMap(({ host, role, to }) => {
    const route = routeOf(fleet[host], role);
    const named = containersOf(fleet, host, role).filter(({ name }) => [to].flat().includes(name));
    return named.filter((container) => route === undefined || !isRouted(route, container)).map(({ id }) => id);
  });
}

/** Their volumes stay. */
const without = (ids: ReadonlySet<string>, fleet: Fleet): Fleet =>
  Object.fromEntries(
    Object.entries(fleet).map(([name, host]) => {
      if (host.kind !== "reached") return [name, host];
      const containers = host.containers.filter(({ id }) => !ids.has(id));
      const volumes = host.containers.flatMap(({ id, assets }) => (ids.has(id) && assets !== undefined ? [assets] : []));
      const unused = volumes.filter((volume) => !containers.some(({ assets }) => assets === volume));
      return [name, { ...host, containers, assets: [...new Set([...host.assets, ...unused])].sort() }];
    }),
  );

it("does not depend on which of the hosts is faster within a step", () => {
  fc.assert(
    fc.property(aWish, aMess, fc.infiniteStream(fc.nat(99)), (wanted, fleet, order) => {
      const plan = planRelease(wanted, fleet);
      const steps = protocol(plan, wanted, fleet);
      const shuffled = steps.flatMap((step) => {
        const drawn = step.map((operation) => ({ operation, at: order.next().value }));
        return drawn.sort((a, b) => a.at - b.at).map(({ operation }) => operation);
      });
      mustBeConverged(wanted, new Model(fleet, wanted).run(shuffled).fleet, fleet);
    }),
    CASES,
  );
});

/** Kinds that concern a host or the fleet, not one slot. */
const OF_A_HOST: ReadonlySet<Kind> = new Set([
  "remove-leftover",
  "create-network",
  "place-files",
  "create-volume",
  "run-command",
  "share-assets",
  "remove",
  "remove-volume",
  "remove-image",
  "remove-files",
  "remove-network",
]);

it("touches what is of a slot for that slot's sake alone", () => {
  forAllAt((wanted, fleet, at) => {
    const slots = HOSTS.flatMap((host) => Object.keys(ROLES).map((role) => ({ host, role })));
    const { host, role } = slots[at % slots.length] ?? { host: "a", role: "web" };
    const own = (operations: readonly Operation[]) =>
      operations.filter((operation) => operation.host === host && roleOf(operation, fleet, wanted) === role);
    const { operations } = planRelease(wanted, fleet);
    same(own(planRelease(wanted, onlyRole(fleet, host, role)).operations), own(operations));
    const ofHost = operations
      .filter((operation) => roleOf(operation, fleet, wanted) === undefined)
      .map((operation) => operation.do);
    same(
      ofHost.filter((kind) => !OF_A_HOST.has(kind)),
      [],
    );
  });
});

/** Nothing for what is of a host or of the fleet: files, release commands and their notes, helpers. */
function roleOf(operation: Operation, fleet: Fleet, wanted: ReleaseInputs): RoleName | undefined {
  if ("role" in operation) return operation.role;
  if ("route" in operation) return Object.keys(ROLES).find((role) => prefixOf(wanted, role) === operation.route);
  const found = fleet[operation.host];
  if (!("id" in operation) || found?.kind !== "reached") return undefined;
  return found.containers.find(({ id }) => id === operation.id)?.role;
}

function onlyRole(fleet: Fleet, host: HostName, role: RoleName): Fleet {
  const found = fleet[host];
  if (found?.kind !== "reached") return found === undefined ? {} : { [host]: found };
  const own = <T extends { role: string }>(list: readonly T[]) => list.filter((one) => one.role === role);
  return { [host]: aHost(own(found.containers), own(found.routes)) };
}

it("keeps what was replaced first, as many releases as are to be retained", () => {
  forAll((wanted, fleet) => {
    const after = new Model(fleet, wanted).run(stepsOf(wanted, fleet)).fleet;
    for (const { slot, host, role, release } of places(wanted)) {
      if (after[host]?.kind !== "reached" || wanted.retainContainers === 0) continue;
      const wantedHere = new Set([release, wanted.canary?.containers[slot] ?? release, wanted.containers[slot] ?? release]);
      const isWanted = (one: Found) => one.release !== undefined && wantedHere.has(one.release);
      const strays = containersOf(fleet, host, role).filter((one) => one.running && !isWanted(one));
      const [replaced] = strays;
      if (replaced === undefined || new Set(strays.map((one) => one.release ?? one.name)).size > 1) continue;
      must(
        containersOf(after, host, role).some((one) => one.id === replaced.id && (!one.running || one.finishing !== undefined)),
        `${replaced.name} is kept`,
      );
    }
  });
});

it("is the same for the same values, and changes neither", () => {
  forAll((wanted, fleet) => {
    const copy = structuredClone([wanted, fleet]);
    same(planRelease(wanted, fleet), planRelease(wanted, fleet));
    same([wanted, fleet], copy);
  });
});

it("was tried with plans that do all that a plan can do", () => {
  const tried = new Set<Operation["do"]>();
  forAll((wanted, fleet) => {
    for (const operation of planRelease(wanted, fleet).operations) tried.add(operation.do);
  });
  expect(KINDS.filter((kind) => !tried.has(kind))).toEqual([]);
});
