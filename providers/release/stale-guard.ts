import { SlipwayError } from "../../core/error.ts";
import { canonical } from "../../core/values.ts";
import type { HostName } from "../../core/words.ts";
import { routeDifferences } from "../../hosts/index.ts";
import type { Fleet, Found, FoundHost, FoundRoute } from "./fleet.ts";
import { type ReleaseInputs, rolesOf } from "./inputs.ts";
import { routeOf } from "./live.ts";
import { isTidying } from "./operation.ts";
import { planRelease } from "./plan.ts";
import { whatServes } from "./what-serves.ts";

type Reached = Extract<FoundHost, { kind: "reached" }>;

/**
 * Compares what is found under the lease with what the plan was made from. If another run or a person changed the hosts in between, so that
 * another plan would be made now, the run stops: an older run must not finish over a newer one.
 */
export class StaleGuard {
  readonly #inputs: ReleaseInputs;
  readonly #planned: Fleet | undefined;
  #first: Fleet | undefined;

  /** @param planned what the plan was made from; none before a first deploy */
  constructor(inputs: ReleaseInputs, planned: Fleet | undefined) {
    this.#inputs = inputs;
    this.#planned = planned;
  }

  /** Before the first change. After a lost connection our own changes are expected, those of others are not. */
  requireFresh(now: Fleet): void {
    const changed = this.#first === undefined ? this.#stale(this.#planned, now) : this.#foreign(this.#first, now);
    if (changed.length > 0) throw this.#stop(changed, now);
    this.#first ??= now;
  }

  /** The latest look before this run changes something: that of the plan, or the first under the lease. */
  get seen(): Fleet | undefined {
    return this.#first ?? this.#planned;
  }

  /** What was there before the first change of this run, whatever became of its connections since. */
  get first(): Fleet | undefined {
    return this.#first;
  }

  #stale(then: Fleet | undefined, now: Fleet): string[] {
    if (then === undefined) return [];
    const seenTwice = Object.fromEntries(Object.entries(now).filter(([host]) => isReached(then[host]) && isReached(now[host])));
    const before = Object.fromEntries(Object.keys(seenTwice).map((host) => [host, then[host] as Reached]));
    const plans = [before, seenTwice].map((fleet) =>
      canonical(planRelease(this.#inputs, fleet).operations.filter((operation) => !isTidying(operation))),
    );
    // A release sets its routes anyway, and would silently undo what was just set by hand.
    const look = plans[0] === plans[1] ? routeChangesOf : changesOf;
    return Object.entries(seenTwice).flatMap(([host, found]) => look(host, before[host], found));
  }

  #foreign(first: Fleet, now: Fleet): string[] {
    const { containers, canary } = this.#inputs;
    const ours = new Set([...Object.values(containers), ...Object.values(canary?.containers ?? {})]);
    return Object.entries(now).flatMap(([host, found]) => {
      const before = first[host];
      if (!isReached(found) || !isReached(before)) return [];
      const known = new Set(before.containers.map(({ id }) => id));
      const strange = found.containers.filter(
        ({ id, release }) => !known.has(id) && (release === undefined || !ours.has(release)),
      );
      return strange.map(({ name }) => `${host}: ${name} appeared`);
    });
  }

  #stop(changed: readonly string[], now: Fleet): SlipwayError {
    return new SlipwayError({
      code: "PLAN_STALE",
      what: "the hosts changed after the plan was made",
      evidence: changed,
      servesNow: `${whatServes(now, rolesOf(this.#inputs))}; this run changed ${this.#first === undefined ? "nothing" : "nothing more"}`,
      next: "run pulumi up again: it plans from what is there now",
    });
  }
}

const isReached = (host: FoundHost | undefined): host is Reached => host?.kind === "reached";

/** Changes that someone made. A container that crashed by itself, or came back, is not one: repairing it is what the run is for. */
function changesOf(host: HostName, then: FoundHost | undefined, now: FoundHost): string[] {
  if (!isReached(then) || !isReached(now)) return [];
  const appeared = missingIn(then.containers, now.containers).map(({ name }) => `${host}: ${name} appeared`);
  const gone = missingIn(now.containers, then.containers).map(({ name }) => `${host}: ${name} is gone`);
  return [...appeared, ...gone, ...routeChangesOf(host, then, now)];
}

function routeChangesOf(host: HostName, then: FoundHost | undefined, now: FoundHost): string[] {
  if (!isReached(then) || !isReached(now)) return [];
  const changed = now.routes.flatMap((route) => {
    const what = routeChange(routeOf(then, route.role), route);
    return what === undefined ? [] : [`${host}: the route of ${route.role} ${what}`];
  });
  const lost = then.routes.filter(({ role }) => routeOf(now, role) === undefined);
  return [...changed, ...lost.map(({ role }) => `${host}: the route of ${role} is gone`)];
}

function routeChange(then: FoundRoute | undefined, now: FoundRoute): string | undefined {
  if (then === undefined || canonical(then.targets) !== canonical(now.targets)) return `leads to ${now.targets.join(", ")} now`;
  const edited = routeDifferences(then.options, now.options);
  if (edited.length > 0) return `was edited: ${edited.join(", ")}`;
  if (canonical(then.state) !== canonical(now.state)) return `is ${STATES[now.state.kind]} now`;
  return canonical(then.rollout) === canonical(now.rollout) ? undefined : "has another canary, or another share for it, now";
}

const STATES = { running: "open", paused: "paused", stopped: "in maintenance" } as const;

const missingIn = (known: readonly Found[], found: readonly Found[]): Found[] =>
  found.filter(({ id }) => known.every((other) => other.id !== id));
