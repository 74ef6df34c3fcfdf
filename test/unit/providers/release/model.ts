import { isDeepStrictEqual } from "node:util";
import { prefixOf } from "../../../../core/names.ts";
import type { HostName, RoleName, Slot } from "../../../../core/words.ts";
import { assetVolume } from "../../../../providers/release/container.ts";
import type { Fleet, Found, FoundHost, FoundImage, FoundRoute } from "../../../../providers/release/fleet.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { isRouted, routeOf, targetOf } from "../../../../providers/release/live.ts";
import { KINDS, type Kind, type Operation, type OperationOf, PHASES } from "../../../../providers/release/operation.ts";
import { type Place, places } from "../../../../providers/release/places.ts";
import type { Plan } from "../../../../providers/release/plan.ts";
import { finishingName } from "../../../../providers/release/taken-out.ts";
import { identified, usedOn } from "./arbitrary.ts";
import { aContainer, aHost, aNote, anImage, aRouteTo, exited, ROUTE } from "./fixture.ts";

/** Plain checks: vitest's own cost ten times the rest here. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not true: ${what}`);
}

export const same = (found: unknown, wanted: unknown): void =>
  must(isDeepStrictEqual(found, wanted), `${JSON.stringify(found)} is ${JSON.stringify(wanted)}`);

export type Reached = Extract<FoundHost, { kind: "reached" }>;

export const reachedHosts = (fleet: Fleet): [HostName, Reached][] =>
  Object.entries(fleet).flatMap(([name, host]): [HostName, Reached][] => (host.kind === "reached" ? [[name, host]] : []));

/** The operations of a plan in the steps in which `applyRelease` takes them. */
export function protocol(plan: Plan, wanted: ReleaseInputs, before: Fleet): Operation[][] {
  const of = (kind: Kind) => plan.operations.filter((operation) => operation.do === kind);
  const phase = (name: "prepare" | "clean-up") => KINDS.filter((kind) => PHASES[kind] === name).map(of);
  const hadRoute = (operation: Operation) => "role" in operation && routeOf(before[operation.host], operation.role) !== undefined;
  const waves = plan.waves.flatMap((wave) => {
    const own = (kind: Kind) =>
      of(kind).filter((operation) => "role" in operation && wave.includes(`${operation.host}/${operation.role}`));
    const isProxied = (operation: Operation) => "role" in operation && wanted.roles[operation.role]?.proxy !== undefined;
    const starts = own("start");
    const [proxied, others] = [starts.filter(isProxied), starts.filter((start) => !isProxied(start))];
    const shares = of("share-assets").filter(({ host, ...share }) =>
      starts.some(
        (start) => start.host === host && "container" in share && "container" in start && start.container === share.container,
      ),
    );
    const limits = own("set-limits");
    const [first, rest] = [limits.filter(isProxied), limits.filter((limit) => !isProxied(limit))];
    return [own("pause"), own("stop-before"), proxied, shares, first, others, rest, own("switch")];
  });
  return [
    ...phase("prepare"),
    of("close").filter(hadRoute),
    ...of("run-command").map((command) => [command]),
    ...waves,
    of("canary"),
    of("end-canary"),
    of("close").filter((operation) => !hadRoute(operation)),
    of("open"),
    ...phase("clean-up"),
  ].filter((step) => step.length > 0);
}

/** Steps that are taken back when one of them fails. */
const SWAP: ReadonlySet<Operation["do"]> = new Set([
  "pause",
  "stop-before",
  "start",
  "set-limits",
  "switch",
  "canary",
  "end-canary",
]);
export const isOfSwap = (operation: Operation): boolean => SWAP.has(operation.do);

/** A fleet that runs operations, and fails on what must never be asked of it. */
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

  #do(operation: Operation, host: Reached): void {
    switch (operation.do) {
      case "create-network":
        must(!host.network, `${operation.host} has no network yet`);
        host.network = true;
        return;
      case "remove-network":
        must(host.network && host.proxy === "missing", `nothing needs the network of ${operation.host}`);
        host.network = false;
        return;
      case "create-volume":
        must(!host.assets.includes(operation.volume), `${operation.volume} is not there yet`);
        host.assets.push(operation.volume);
        return;
      case "share-assets":
        must(operation.volume !== operation.with, `${operation.volume} is shared with another one`);
        return;
      case "set-limits":
        must(
          host.containers.some(({ name, running }) => name === operation.container && running),
          `${operation.container} runs`,
        );
        return;
      case "place-files":
        must(!host.proxyFiles.includes(operation.folder), `${operation.folder} is not there yet`);
        host.proxyFiles.push(operation.folder);
        return;
      case "close":
        this.#route(host, operation).state = { kind: "stopped", message: operation.message };
        return;
      case "run-command":
        this.#command(operation, host);
        return;
      case "pause":
        this.#route(host, operation).state = { kind: "paused" };
        return;
      case "open":
        this.#route(host, operation).state = { kind: "running" };
        return;
      case "stop-before":
        must(this.#wanted.roles[operation.role]?.strategy === "stop-first", `${operation.container} may be stopped first`);
        this.#stop(host, operation);
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
      case "end-canary":
        delete this.#route(host, operation).rollout;
        return;
      case "reset-limits":
        this.#existing(host, operation.id).edited = [];
        return;
      case "remove-route":
        must(
          host.routes.some(({ role }) => prefixOf(this.#wanted, role) === operation.route),
          `${operation.route} is there when it is taken away`,
        );
        host.routes = host.routes.filter(({ role }) => prefixOf(this.#wanted, role) !== operation.route);
        return;
      case "stop":
        this.#mayFall(host, this.#existing(host, operation.id), operation.host);
        this.#stop(host, operation);
        return;
      case "remove-leftover":
      case "remove":
        this.#remove(operation, host);
        return;
      case "remove-files":
        must(!(operation.folder in this.#wanted.proxyFiles), `${operation.folder} is not wanted`);
        host.proxyFiles = host.proxyFiles.filter((folder) => folder !== operation.folder);
        return;
      case "remove-volume":
        must(
          [...host.containers, ...host.commands].every(({ assets }) => assets !== operation.volume),
          `no container has ${operation.volume}`,
        );
        host.assets = host.assets.filter((volume) => volume !== operation.volume);
        return;
      case "remove-image":
        this.#prune(operation, host);
        return;
    }
  }

  #command({ container: name, release, index }: OperationOf<"run-command">, host: Reached): void {
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
    const made = aContainer(release, { name, role, created: this.#clock });
    const volume = assetVolume(this.#wanted, { role, release });
    const assets = this.#spec({ host: at, role }).assets === undefined ? {} : { assets: volume };
    host.containers.push(identified(`${at} ${this.#clock}`, { ...made, ...assets }));
    host.assets = host.assets.filter((one) => one !== volume);
    const container = made;
    this.#use(host, container.image);
  }

  #use(host: Reached, image: string): void {
    if (!host.images.some(({ id }) => id === image)) host.images.push(anImage(image.slice("sha256:".length)));
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

  /** What is finishing gets no second signal; one that takes long goes on. */
  #stop(host: Reached, operation: OperationOf<"stop" | "stop-before">): void {
    const container = this.#existing(host, operation.id);
    must(container.running, `${container.name} runs when it is stopped`);
    same(operation.until, container.finishing?.until);
    if (operation.do === "stop" && operation.leaveAfter !== undefined) {
      this.#clock += 1;
      const until = new Date(this.#clock * 1000);
      Object.assign(container, {
        name: finishingName(container.name, until),
        finishing: { until: until.toISOString() },
        edited: [],
      });
      return;
    }
    delete container.finishing;
    // Edits are not looked for on what does not run.
    Object.assign(container, exited(container), { edited: [] });
  }

  #remove({ id, host: at }: OperationOf<"remove" | "remove-leftover">, host: Reached): void {
    const of = <T extends { id: string }>(list: T[]) => list.filter((one) => one.id !== id);
    const before = host.containers.length + host.commands.length + host.helpers.length;
    const container = host.containers.find((one) => one.id === id);
    if (container) this.#mayFall(host, container, at);
    must(container?.finishing === undefined, `${container?.name} may finish`);
    Object.assign(host, { containers: of(host.containers), commands: of(host.commands), helpers: of(host.helpers) });
    same(host.containers.length + host.commands.length + host.helpers.length, before - 1);
    this.#leaveVolume(host, container?.assets);
  }

  /** A volume outlives its containers. */
  #leaveVolume(host: Reached, volume: string | undefined): void {
    if (volume === undefined || host.containers.some(({ assets }) => assets === volume)) return;
    if (!host.assets.includes(volume)) host.assets.push(volume);
  }

  #prune({ id, host: name }: OperationOf<"remove-image">, host: Reached): void {
    const image = host.images.find((one) => one.id === id);
    must(image !== undefined && !usedOn(host).has(id), `${id} is there, and no container uses it`);
    must(image === undefined || !this.#isWanted(image, name), `${id} is not wanted on ${name}`);
    host.images = host.images.filter((one) => one !== image);
  }

  #isWanted({ digests }: FoundImage, name: HostName): boolean {
    return places(this.#wanted).some(({ host, image }) => host === name && digests.includes(image));
  }

  /** No requests are cut off, and no slot of the release is left without a container that it had. */
  #mayFall(host: Reached, container: Found, name: HostName): void {
    if (!container.running) return;
    const route = routeOf(host, container.role);
    must(route === undefined || !isRouted(route, container), `no requests are routed to ${container.name} when it stops`);
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
    if (host.kind === "unreachable") throw new Error(`${name} cannot be reached`);
    this.fleet[name] = host;
    return host;
  }

  #existing(host: Reached, id: string): Found {
    const container = host.containers.find((other) => other.id === id);
    if (container === undefined) throw new Error(`no container ${id}`);
    return container;
  }
}
