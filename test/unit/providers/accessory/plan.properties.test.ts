import fc from "fast-check";
import { expect, it } from "vitest";
import type { FoundContainer, ObservedAccessory } from "../../../../providers/accessory/found.ts";
import type { AccessoryInputs } from "../../../../providers/accessory/inputs.ts";
import { type AccessoryOperation, nextOf, planAccessory } from "../../../../providers/accessory/plan.ts";
import { must, same } from "../release/model.ts";
import { aContainer, aNext, anAccessory, found } from "./fixture.ts";

const CASES = { numRuns: 1000 };
const DATA = "shop-db-production-var-lib-postgresql-data";

const WISHES = ["postgres:16.4", "postgres:16.5", "postgres:16.6"].flatMap((image) => [
  anAccessory({ image }),
  anAccessory({ image, env: { POSTGRES_USER: "other" } }),
]);
const aWish = fc.constantFrom(...WISHES);
const STATES = ["running", "restarting", "paused", "created", "stopped with code 1"] as const;
const isRunning = (status: string) => ["running", "restarting", "paused"].includes(status);

const aMess: fc.Arbitrary<ObservedAccessory> = fc
  .record({
    main: fc.option(
      fc.record({
        of: fc.constantFrom("ours", "kamal"),
        wish: aWish,
        status: fc.constantFrom(...STATES),
        restart: fc.constantFrom("no", "always", "unless-stopped"),
      }),
    ),
    next: fc.option(fc.record({ wish: aWish, status: fc.constantFrom(...STATES) })),
    network: fc.boolean(),
  })
  .map(({ main, next, network }) => {
    const limits = { memory: 0, nanoCpus: 0 };
    return found({
      network,
      ...(main && {
        main: aContainer(main.wish, {
          of: main.of as FoundContainer["of"],
          spec: main.of === "kamal" ? "" : main.wish.spec,
          running: isRunning(main.status),
          status: main.status,
          limits: { ...limits, restart: { name: main.restart, maximumRetryCount: 0 } },
        }),
      }),
      ...(next && { next: aNext(next.wish, { running: isRunning(next.status), status: next.status }) }),
    });
  });

/** Docker as far as an accessory sees it, which minds what must never be asked of it. */
class Model {
  readonly found: ObservedAccessory;
  readonly #wanted: AccessoryInputs;
  /** Two servers on one data folder may be found; we must never be the ones that start the second. */
  readonly #bothAtFirst: boolean;

  constructor(what: ObservedAccessory, wanted: AccessoryInputs) {
    this.found = structuredClone(what);
    this.#wanted = wanted;
    this.#bothAtFirst = this.#running === 2;
  }

  run(operations: readonly AccessoryOperation[]): this {
    const before = this.#running;
    for (const operation of operations) {
      this.#do(operation);
      must(this.#running < 2 || (this.#bothAtFirst && before === 2), `only one runs after ${operation.do}`);
    }
    return this;
  }

  get #running(): number {
    return [this.found.main, this.found.next].filter((container) => container?.running).length;
  }

  #do(operation: AccessoryOperation): void {
    switch (operation.do) {
      case "network":
        this.found.network = true;
        break;
      case "end-restore":
        delete this.found.restore;
        break;
      case "discard":
        must(this.found.next?.id === operation.id, "the candidate is what is discarded");
        delete this.found.next;
        break;
      case "revive":
        this.#set(operation.container, { running: true, status: "running" });
        break;
      case "create":
        must(this.found.next === undefined, "the name of the candidate is free");
        must(this.found.network, "there is a network");
        this.found.next = aNext(this.#wanted, {
          id: "new",
          running: false,
          status: "created",
          mounts: this.found.main?.mounts ?? aNext(this.#wanted).mounts,
        });
        break;
      case "stop":
        this.#set(operation.container, { running: false, status: "stopped with code 0" });
        break;
      case "start":
        must(this.#other(operation.container)?.running !== true, "nothing runs beside what is started");
        this.#set(operation.container, { running: true, status: "running" });
        break;
      case "prove":
        must(this.#at(operation.container).status === "running", "what is proved runs");
        break;
      case "set-limits":
      case "reset-limits": {
        const { limits } = this.#at(operation.container);
        this.#set(operation.container, {
          limits: { ...limits, restart: { name: "unless-stopped", maximumRetryCount: 0 } },
        });
        break;
      }
      case "remove":
        must(this.found.main?.running === false, "what is removed does not run");
        must(this.found.next?.status === "running", "its successor serves");
        must(this.found.next?.mounts.some(({ source }) => source === DATA) === true, "the successor has the data");
        delete this.found.main;
        break;
      case "rename":
        must(this.found.main === undefined, "the name is free");
        this.found.main = { ...this.#at(operation.container), name: operation.to };
        delete this.found.next;
        break;
      case "route":
      case "unroute":
        throw new Error("no route is declared");
    }
  }

  #at(name: string): FoundContainer {
    const container = name === nextOf(this.#wanted) ? this.found.next : this.found.main;
    if (container === undefined) throw new Error(`not true: ${name} is there`);
    return container;
  }

  #other = (name: string) => (name === nextOf(this.#wanted) ? this.found.main : this.found.next);

  #set(name: string, changes: Partial<FoundContainer>): void {
    Object.assign(this.#at(name), changes);
  }
}

function mustBeConverged(wanted: AccessoryInputs, { main, next }: ObservedAccessory): void {
  same(next, undefined);
  same(
    [main?.spec, main?.image, main?.status, main?.limits.restart.name],
    [wanted.spec, wanted.image, "running", "unless-stopped"],
  );
  same(
    main?.mounts.map(({ source }) => source),
    [DATA],
  );
}

it("reaches what is wanted from anything that may be found, never with two at once, and a second plan is empty", () => {
  fc.assert(
    fc.property(aWish, aMess, (wanted, what) => {
      const { found: after } = new Model(what, wanted).run(planAccessory(wanted, what));
      mustBeConverged(wanted, after);
      same(planAccessory(wanted, after), []);
    }),
    CASES,
  );
});

it("reaches it after a death at any step, whatever is wanted by then", () => {
  fc.assert(
    fc.property(aWish, aWish, aMess, fc.nat(12), (wanted, later, what, at) => {
      const steps = planAccessory(wanted, what);
      const { found: half } = new Model(what, wanted).run(steps.slice(0, at % (steps.length + 1)));
      mustBeConverged(later, new Model(half, later).run(planAccessory(later, half)).found);
    }),
    CASES,
  );
});

it("stops nothing before its successor is made", () => {
  fc.assert(
    fc.property(aWish, aMess, (wanted, what) => {
      const steps = planAccessory(wanted, what).map((operation) => operation.do);
      const halt = steps.indexOf("stop");
      expect(halt < 0 || steps.indexOf("create") < halt).toBe(true);
    }),
    CASES,
  );
});
