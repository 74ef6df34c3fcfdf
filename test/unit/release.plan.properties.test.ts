import { it } from "vitest";
import { canonical, stableHash } from "../../core/hash.ts";
import {
  type Fleet,
  type Found,
  type FoundHost,
  type FoundRoute,
  liveOf,
  routeOf,
  targetOf,
} from "../../providers/release/fleet.ts";
import { places, prefixOf, type ReleaseInputs, type RoleSpec } from "../../providers/release/inputs.ts";
import { isEmpty, type Operation, planRelease } from "../../providers/release/plan.ts";
import { aContainer, aHost, aRelease, aRouteTo, exited, kamals, ROUTE, V1, V2, V3, WEB, WORKER } from "./release.fixture.ts";

const CASES = 250;
const HOSTS = ["a", "b", "c"] as const;
const ROLES: Readonly<Record<string, RoleSpec>> = {
  web: WEB,
  admin: { ...WEB, proxy: { ...ROUTE, appPort: 80 } },
  worker: WORKER,
};

/** Mulberry32: small, seeded, good enough to shuffle fleets. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.roll() * limit);
  }

  chance(share: number): boolean {
    return this.roll() < share;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  some<T>(list: readonly T[], share: number): T[] {
    return list.filter(() => this.chance(share));
  }

  shuffle<T>(list: readonly T[]): T[] {
    return list
      .map((value) => ({ value, at: this.roll() }))
      .sort((a, b) => a.at - b.at)
      .map(({ value }) => value);
  }
}

function aWish(dice: Dice): ReleaseInputs {
  const roles = Object.entries(ROLES)
    .filter(() => dice.chance(0.7))
    .map(([role, spec]): [string, RoleSpec] => [role, { ...spec, hosts: dice.some(HOSTS, 0.6) }]);
  return aRelease(V2, Object.fromEntries(roles), { retainContainers: dice.pick([0, 1, 2, 5]) });
}

function aMess(dice: Dice): Fleet {
  return Object.fromEntries(dice.some(HOSTS, 0.9).map((host) => [host, aMessyHost(dice, host)]));
}

function aMessyHost(dice: Dice, host: string): FoundHost {
  const found = Object.entries(ROLES).map(([role, { proxy = ROUTE }]) => {
    const containers = [V1, V2, V3, "0.9.0-deadbeef"]
      .filter(() => dice.chance(0.4))
      .map((release) => aMessyContainer(dice, host, role, release));
    if (dice.chance(0.2)) containers.push(identified(host, kamals("1.3.0", { role, created: dice.below(9) })));
    const [first, ...more] = containers;
    const target = dice.chance(0.1) || first === undefined ? { id: "0".repeat(64), role } : dice.pick([first, ...more]);
    const options = dice.chance(0.1) ? { ...proxy, hosts: ["other.example"] } : proxy;
    const spec = dice.chance(0.1) ? { ...options, appPort: 8080 } : options;
    return { containers, routes: dice.chance(0.7) ? [aRouteTo(target, spec)] : [] };
  });
  return aHost(
    found.flatMap(({ containers }) => containers),
    found.flatMap(({ routes }) => routes),
  );
}

const identified = (host: string, container: Found): Found => ({ ...container, id: stableHash([host, container.name]) });

function aMessyContainer(dice: Dice, host: string, role: string, release: string): Found {
  const container = identified(host, aContainer(release, { role, created: dice.below(9) }));
  if (dice.chance(0.5)) return exited(container, dice.below(2));
  return dice.chance(0.2) ? { ...container, edited: ["memory 1, not 0"] } : container;
}

/** Plain checks: vitest's own cost ten times the rest here. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not true: ${what}`);
}

const same = (found: unknown, wanted: unknown): void =>
  must(canonical(found ?? "") === canonical(wanted ?? ""), `${canonical(found ?? "")} is ${canonical(wanted ?? "")}`);

/** A fleet that does what it is told, and minds what must never be asked of it. */
class Model {
  readonly fleet: Fleet;
  readonly #wanted: ReleaseInputs;
  #clock = 100;

  constructor(fleet: Fleet, wanted: ReleaseInputs) {
    this.fleet = structuredClone(fleet);
    this.#wanted = wanted;
  }

  run(operations: readonly Operation[]): this {
    for (const operation of operations) this.#do(operation, this.#host(operation.host));
    return this;
  }

  #do(operation: Operation, host: Extract<FoundHost, { reach: "reached" }>): void {
    switch (operation.do) {
      case "start": {
        const { container: name, role, release } = operation;
        must(
          host.containers.every((other) => other.name !== name),
          `${name} is free when it is taken`,
        );
        this.#clock += 1;
        host.containers.push(
          identified(`${operation.host} ${this.#clock}`, aContainer(release, { name, role, created: this.#clock })),
        );
        return;
      }
      case "restore":
        this.#existing(host, operation.id).edited = [];
        return;
      case "switch": {
        const to = host.containers.find(({ name }) => name === operation.to);
        must(to?.running === true, `${operation.to} runs when it is switched to`);
        host.routes = [...host.routes.filter(({ role }) => role !== operation.role), this.#route(operation.role, to?.id ?? "")];
        return;
      }
      case "unroute":
        host.routes = host.routes.filter(({ role }) => prefixOf(this.#wanted, role) !== operation.route);
        return;
      case "stop": {
        const container = this.#existing(host, operation.id);
        this.#mayFall(host, container, operation.host);
        Object.assign(container, exited(container));
        return;
      }
      case "remove": {
        const container = this.#existing(host, operation.id);
        this.#mayFall(host, container, operation.host);
        host.containers = host.containers.filter(({ id }) => id !== operation.id);
      }
    }
  }

  /** Nobody's requests are cut off, and no slot of the release is left without a container that it had. */
  #mayFall(host: FoundHost, container: Found, name: string): void {
    if (!container.running) return;
    const target = routeOf(host, container.role)?.targets[0];
    const routed = target?.startsWith(container.id.slice(0, 12)) ?? false;
    must(!routed, `nobody is routed to ${container.name} when it stops`);
    const place = places(this.#wanted).find(({ slot }) => slot === `${name}/${container.role}`);
    if (place === undefined) return;
    const others =
      host.reach === "reached" ? host.containers.filter(({ role, id }) => role === place.role && id !== container.id) : [];
    must(
      others.some(({ running, release }) => running && release === place.release),
      `the new one of ${place.slot} runs when ${container.name} stops`,
    );
  }

  #route(role: string, id: string): FoundRoute {
    const { appPort, ...options } = this.#wanted.roles[role]?.proxy ?? ROUTE;
    return { role, targets: [targetOf(id, appPort)], options };
  }

  #host(name: string): Extract<FoundHost, { reach: "reached" }> {
    const host = this.fleet[name] ?? aHost();
    if (host.reach === "unreachable") throw new Error(`${name} cannot be reached`);
    this.fleet[name] = host;
    return host;
  }

  #existing(host: Extract<FoundHost, { reach: "reached" }>, id: string): Found {
    const container = host.containers.find((other) => other.id === id);
    if (container === undefined) throw new Error(`no container ${id}`);
    return container;
  }
}

function forAll(check: (dice: Dice, wanted: ReleaseInputs, fleet: Fleet) => void): void {
  for (let seed = 1; seed <= CASES; seed += 1) {
    const dice = new Dice(seed);
    const [wanted, fleet] = [aWish(dice), aMess(dice)];
    try {
      check(dice, wanted, fleet);
    } catch (thrown) {
      throw new Error(`seed ${seed}: ${JSON.stringify({ slots: wanted.containers, retain: wanted.retainContainers, fleet })}`, {
        cause: thrown,
      });
    }
  }
}

/** What is wanted runs and serves, and nothing else does. */
function expectConverged(wanted: ReleaseInputs, fleet: Fleet): void {
  same(planRelease(wanted, fleet).operations, []);
  const slots = places(wanted);
  const running = Object.entries(fleet).flatMap(([host, found]) =>
    found.reach === "reached"
      ? found.containers.filter((container) => container.running).map(({ role, release }) => `${host}/${role} ${release}`)
      : [],
  );
  same(running.sort(), slots.map(({ slot, release }) => `${slot} ${release}`).sort());
  for (const { host, role, spec, release } of slots) same(liveOf(fleet[host], role, spec.proxy !== undefined)?.release, release);
  const routed = Object.entries(fleet).flatMap(([host, found]) =>
    found.reach === "reached" ? found.routes.map(({ role }) => `${host}/${role}`) : [],
  );
  same(routed.sort(), slots.flatMap(({ slot, spec }) => (spec.proxy === undefined ? [] : [slot])).sort());
}

it("converges from any mess in one run, and cuts nobody off", () => {
  forAll((_dice, wanted, fleet) => {
    const { operations } = planRelease(wanted, fleet);
    expectConverged(wanted, new Model(fleet, wanted).run(operations).fleet);
  });
});

it("converges after a death at any step", () => {
  forAll((dice, wanted, fleet) => {
    const { operations } = planRelease(wanted, fleet);
    const steps = dice.below(operations.length + 1);
    const half = new Model(fleet, wanted).run(operations.slice(0, steps)).fleet;
    expectConverged(wanted, new Model(half, wanted).run(planRelease(wanted, half).operations).fleet);
  });
});

it("does not depend on which of the hosts is faster within a phase", () => {
  const phaseOf = (operation: Operation) => (operation.do === "remove" ? `remove ${operation.because}` : operation.do);
  forAll((dice, wanted, fleet) => {
    const { operations } = planRelease(wanted, fleet);
    const phases = [...new Set(operations.map(phaseOf))];
    const reordered = phases.flatMap((phase) => dice.shuffle(operations.filter((operation) => phaseOf(operation) === phase)));
    expectConverged(wanted, new Model(fleet, wanted).run(reordered).fleet);
  });
});

it("touches what is of a slot for that slot's sake alone", () => {
  const of = (operations: readonly Operation[], fleet: Fleet, slot: string, wanted: ReleaseInputs) =>
    operations.filter((operation) => slotOf(operation, fleet, wanted) === slot);
  forAll((_dice, wanted, fleet) => {
    const { operations } = planRelease(wanted, fleet);
    const slots = HOSTS.flatMap((host) => Object.keys(ROLES).map((role) => ({ host, role, slot: `${host}/${role}` })));
    same(slots.flatMap(({ slot }) => of(operations, fleet, slot, wanted)).length, operations.length);
    for (const { host, role, slot } of slots) {
      const alone = planRelease(wanted, { ...fleet, ...onlyRole(fleet, host, role) }).operations;
      same(of(alone, fleet, slot, wanted), of(operations, fleet, slot, wanted));
    }
  });
});

function slotOf(operation: Operation, fleet: Fleet, wanted: ReleaseInputs): string {
  const { host } = operation;
  if ("role" in operation) return `${host}/${operation.role}`;
  if ("route" in operation) return `${host}/${Object.keys(ROLES).find((role) => prefixOf(wanted, role) === operation.route)}`;
  const found = fleet[host];
  const container = found?.reach === "reached" ? found.containers.find(({ id }) => id === operation.id) : undefined;
  return `${host}/${container?.role}`;
}

function onlyRole(fleet: Fleet, host: string, role: string): Fleet {
  const found = fleet[host];
  if (found?.reach !== "reached") return {};
  const own = <T extends { role: string }>(list: readonly T[]) => list.filter((one) => one.role === role);
  return { [host]: aHost(own(found.containers), own(found.routes)) };
}

it("keeps no more than it was told to, and the replaced one first", () => {
  forAll((_dice, wanted, fleet) => {
    const after = new Model(fleet, wanted).run(planRelease(wanted, fleet).operations).fleet;
    for (const { host, role, spec } of places(wanted)) {
      const found = after[host];
      const kept = found?.reach === "reached" ? found.containers.filter((one) => one.role === role && !one.running) : [];
      must(kept.length <= wanted.retainContainers, `${kept.length} are kept at ${host}/${role}`);
      const replaced = liveOf(fleet[host], role, spec.proxy !== undefined);
      const strays =
        fleet[host]?.reach === "reached" ? fleet[host].containers.filter((one) => one.role === role && one.running) : [];
      if (replaced?.running !== true || replaced.release === V2 || wanted.retainContainers === 0 || strays.length > 1) continue;
      must(
        kept.some(({ id }) => id === replaced.id),
        `${replaced.name} is kept`,
      );
    }
    must(isEmpty(planRelease(wanted, after)), "nothing is left to do");
  });
});
