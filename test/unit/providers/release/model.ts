import { isDeepStrictEqual } from "node:util";
import { prefixOf } from "../../../../core/names.ts";
import type { HostName, RoleName, Slot } from "../../../../core/words.ts";
import {
  type Fleet,
  type Found,
  type FoundHost,
  type FoundImage,
  type FoundRoute,
  isRouted,
  routeOf,
  targetOf,
} from "../../../../providers/release/fleet.ts";
import { type Place, places, type ReleaseInputs } from "../../../../providers/release/inputs.ts";
import type { Operation, OperationOf, Plan } from "../../../../providers/release/plan.ts";
import { identified, usedOn } from "./arbitrary.ts";
import { aContainer, aHost, aNote, anImage, aRouteTo, exited, ROUTE } from "./fixture.ts";

/** Plain checks: vitest's own cost ten times the rest here. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not true: ${what}`);
}

export const same = (found: unknown, wanted: unknown): void =>
  must(isDeepStrictEqual(found, wanted), `${JSON.stringify(found)} is ${JSON.stringify(wanted)}`);

export type Reached = Extract<FoundHost, { reach: "reached" }>;

export const reachedHosts = (fleet: Fleet): [HostName, Reached][] =>
  Object.entries(fleet).flatMap(([name, host]): [HostName, Reached][] => (host.reach === "reached" ? [[name, host]] : []));

const isLeftover = (operation: Operation): boolean => operation.do === "remove" && operation.because === "leftover";

/** The operations of a plan in the steps in which `applyRelease` takes them. */
export function protocol(plan: Plan, wanted: ReleaseInputs, before: Fleet): Operation[][] {
  const of = (kind: Operation["do"]) => plan.operations.filter((operation) => operation.do === kind && !isLeftover(operation));
  const hadRoute = (operation: Operation) => "role" in operation && routeOf(before[operation.host], operation.role) !== undefined;
  const waves = plan.waves.flatMap((wave) => {
    const own = (kind: Operation["do"]) =>
      of(kind).filter((operation) => "role" in operation && wave.includes(`${operation.host}/${operation.role}`));
    const isProxied = (operation: Operation) => "role" in operation && wanted.roles[operation.role]?.proxy !== undefined;
    const starts = own("start");
    const [proxied, others] = [starts.filter(isProxied), starts.filter((start) => !isProxied(start))];
    return [own("hold"), own("halt"), proxied, others, own("switch")];
  });
  return [
    ...[plan.operations.filter(isLeftover), of("place"), of("close").filter(hadRoute)],
    ...[...of("command").map((command) => [command]), ...waves],
    ...[of("canary"), of("uncanary"), of("close").filter((operation) => !hadRoute(operation)), of("open")],
    ...[of("restore"), of("unroute"), of("stop"), of("remove"), of("discard"), of("prune")],
  ].filter((step) => step.length > 0);
}

/** Steps that are taken back when one of them fails. */
const SWAP: ReadonlySet<Operation["do"]> = new Set(["hold", "halt", "start", "switch", "canary", "uncanary"]);
export const isOfSwap = (operation: Operation): boolean => SWAP.has(operation.do);

/** A fleet that does what it is told, and minds what must never be asked of it. */
export class Model {
  readonly fleet: Fleet;
  readonly #wanted: ReleaseInputs;
  readonly #places: ReadonlyMap<Slot, Place>;
  #clock = 100;

  constructor(fleet: Fleet, wanted: ReleaseInputs) {
    this.fleet = structuredClone(fleet);
    this.#wanted = wanted;
    this.#places = new Map(places(wanted).map((place) => [place.slot, place]));
  }

  run(operations: readonly Operation[]): this {
    for (const operation of operations) this.#do(operation, this.#host(operation.host));
    return this;
  }

  /** What a run does when it has carried out its plan: images that became unused only then go, too, on hosts that it has changed. */
  tidied(plan: Plan): this {
    for (const name of new Set(plan.operations.map(({ host }) => host))) {
      const host = this.#host(name);
      host.images = host.images.filter((image) => this.#isWanted(image, name));
    }
    return this;
  }

  #do(operation: Operation, host: Reached): void {
    switch (operation.do) {
      case "place":
        must(!host.proxyFiles.includes(operation.folder), `${operation.folder} is not there yet`);
        host.proxyFiles.push(operation.folder);
        return;
      case "close":
        this.#route(host, operation).state = { kind: "stopped", message: operation.message };
        return;
      case "command":
        this.#command(operation, host);
        return;
      case "hold":
        this.#route(host, operation).state = { kind: "paused" };
        return;
      case "open":
        this.#route(host, operation).state = { kind: "running" };
        return;
      case "halt":
        must(this.#wanted.roles[operation.role]?.strategy === "stop-first", `${operation.container} may be stopped first`);
        this.#stop(host, operation.id);
        return;
      case "start":
        this.#start(operation, host);
        return;
      case "switch":
        this.#switch(operation, host);
        return;
      case "canary": {
        const { share } = operation;
        const target = this.#targetOf(host, operation, operation.to);
        const [percent, allow] = share.to === "percent" ? [share.percent, []] : [0, [...share.allow]];
        this.#route(host, operation).rollout = { targets: [target], percent, allow };
        return;
      }
      case "uncanary":
        delete this.#route(host, operation).rollout;
        return;
      case "restore":
        this.#existing(host, operation.id).edited = [];
        return;
      case "unroute":
        must(
          host.routes.some(({ role }) => prefixOf(this.#wanted, role) === operation.route),
          `${operation.route} is there when it is taken away`,
        );
        host.routes = host.routes.filter(({ role }) => prefixOf(this.#wanted, role) !== operation.route);
        return;
      case "stop":
        this.#mayFall(host, this.#existing(host, operation.id), operation.host);
        this.#stop(host, operation.id);
        return;
      case "remove":
        this.#remove(operation, host);
        return;
      case "discard":
        must(host.assets.includes(operation.volume), `${operation.volume} is there when it is removed`);
        host.assets = host.assets.filter((volume) => volume !== operation.volume);
        return;
      case "prune":
        this.#prune(operation, host);
        return;
    }
  }

  #command({ container: name, release, index }: OperationOf<"command">, host: Reached): void {
    const before = host.commands.find((note) => note.name === name);
    must(before === undefined || before.state === "running", `${name} is free, or still runs`);
    if (before) before.state = "done";
    this.#clock += 1;
    if (before) return;
    const note = aNote(release, "done", { index, created: this.#clock });
    host.commands.push({ ...note, id: `note-${this.#clock}` });
    this.#use(host, note.image);
  }

  #start({ host: at, role, release, container: name }: OperationOf<"start">, host: Reached): void {
    must(
      host.containers.every((other) => other.name !== name),
      `${name} is free when it is taken`,
    );
    this.#clock += 1;
    const container = identified(`${at} ${this.#clock}`, aContainer(release, { name, role, created: this.#clock }));
    host.containers.push(container);
    this.#use(host, container.image);
  }

  /** An image that is used is none that nobody uses. */
  #use(host: Reached, image: string): void {
    host.images = host.images.filter(({ id }) => id !== image);
  }

  /** A route that is there stays closed or paused, and keeps its canary. */
  #switch(operation: OperationOf<"switch">, host: Reached): void {
    const { role, to } = operation;
    const found = host.routes.find((route) => route.role === role);
    const targets = to.map((name) => this.#targetOf(host, operation, name));
    const { options } = aRouteTo({ id: "", role }, this.#spec(operation).proxy ?? ROUTE);
    const kept = found === undefined ? {} : { state: found.state, ...(found.rollout && { rollout: found.rollout }) };
    const route: FoundRoute = { role, targets, options, state: { kind: "running" }, ...kept };
    host.routes = [...host.routes.filter((other) => other !== found), route];
  }

  #targetOf(host: Reached, at: { host: HostName; role: RoleName }, name: string): string {
    const to = host.containers.find((container) => container.name === name && container.role === at.role);
    must(to?.running === true, `${name} runs when it gets requests`);
    return targetOf(to?.id ?? "", this.#spec(at).proxy?.appPort ?? 0);
  }

  #stop(host: Reached, id: string): void {
    const container = this.#existing(host, id);
    must(container.running, `${container.name} runs when it is stopped`);
    // Nobody looks for edits on what does not run.
    Object.assign(container, exited(container), { edited: [] });
  }

  #remove({ id, host: at, image }: OperationOf<"remove">, host: Reached): void {
    const of = <T extends { id: string }>(list: T[]) => list.filter((one) => one.id !== id);
    const before = host.containers.length + host.commands.length + host.helpers.length;
    const container = host.containers.find((one) => one.id === id);
    if (container) this.#mayFall(host, container, at);
    Object.assign(host, { containers: of(host.containers), commands: of(host.commands), helpers: of(host.helpers) });
    same(host.containers.length + host.commands.length + host.helpers.length, before - 1);
    if (!usedOn(host).has(image)) host.images.push(anImage(image.slice("sha256:".length)));
  }

  #prune({ id, host: name }: OperationOf<"prune">, host: Reached): void {
    const image = host.images.find((one) => one.id === id);
    must(image !== undefined, `${id} is there, and nobody uses it`);
    must(image === undefined || !this.#isWanted(image, name), `${id} is not wanted on ${name}`);
    host.images = host.images.filter((one) => one !== image);
  }

  #isWanted({ digests }: FoundImage, name: HostName): boolean {
    return places(this.#wanted).some(({ host, image }) => host === name && digests.includes(image));
  }

  /** Nobody's requests are cut off, and no slot of the release is left without a container that it had. */
  #mayFall(host: Reached, container: Found, name: HostName): void {
    if (!container.running) return;
    const route = routeOf(host, container.role);
    must(route === undefined || !isRouted(route, container), `nobody is routed to ${container.name} when it stops`);
    const place = this.#places.get(`${name}/${container.role}`);
    if (place === undefined) return;
    const others = host.containers.filter(({ role, id }) => role === place.role && id !== container.id);
    must(
      others.some(({ running, release }) => running && release === this.#wanted.containers[place.slot]),
      `the new one of ${place.slot} runs when ${container.name} stops`,
    );
  }

  #spec({ host, role }: { host: HostName; role: RoleName }): Place["spec"] {
    const place = this.#places.get(`${host}/${role}`);
    if (place === undefined) throw new Error(`${host}/${role} is not wanted`);
    return place.spec;
  }

  #route(host: Reached, { role, route }: { role: RoleName; route: string }): FoundRoute {
    same(route, prefixOf(this.#wanted, role));
    const found = host.routes.find((one) => one.role === role);
    if (found === undefined) throw new Error(`no route ${route}`);
    return found;
  }

  #host(name: HostName): Reached {
    const host = this.fleet[name] ?? aHost();
    if (host.reach === "unreachable") throw new Error(`${name} cannot be reached`);
    this.fleet[name] = host;
    return host;
  }

  #existing(host: Reached, id: string): Found {
    const container = host.containers.find((other) => other.id === id);
    if (container === undefined) throw new Error(`no container ${id}`);
    return container;
  }
}

/**
 * What `takeBack` makes of a fleet in which `done` of a swap was done: back to what was live, what was started is gone, what had to
 * make way runs again, canaries have the share that they had, and requests get in.
 *
 * @param before the fleet when the swap began
 */
export function takenBack(now: Fleet, done: readonly Operation[], before: Fleet): Fleet {
  const fleet = structuredClone(now);
  for (const operation of done.toReversed()) {
    const host = fleet[operation.host];
    const was = before[operation.host] ?? aHost();
    if (host?.reach !== "reached" || was.reach !== "reached") throw new Error(`${operation.host} cannot be reached`);
    if (operation.do === "start") host.containers = host.containers.filter(({ name }) => name !== operation.container);
    if (operation.do === "halt") {
      const old = was.containers.find(({ id }) => id === operation.id);
      host.containers = host.containers.map((one) => (one.id === operation.id && old ? structuredClone(old) : one));
    }
    if (operation.do === "switch") {
      const old = routeOf(was, operation.role);
      host.routes = host.routes.flatMap((route) => {
        if (route.role !== operation.role) return [route];
        return old === undefined ? [] : [{ ...route, targets: old.targets, options: old.options }];
      });
    }
    if (operation.do === "canary" || operation.do === "uncanary") {
      const old = routeOf(was, operation.role)?.rollout;
      host.routes = host.routes.map(({ rollout: now, ...route }) => {
        const share = route.role === operation.role ? old : now;
        return { ...route, ...(share && { rollout: share }) };
      });
    }
    if (operation.do === "hold")
      for (const route of host.routes) if (route.role === operation.role) route.state = { kind: "running" };
  }
  return fleet;
}
