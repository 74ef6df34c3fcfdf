import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../core/error.ts";
import type { Milliseconds } from "../../core/words.ts";
import { ApiError, notFound } from "./api-error.ts";
import type { Faults } from "./faults.ts";

export interface Reference {
  readonly id: number;
  readonly type: string;
}

/** An asynchronous action, as `GET /actions/{id}` shows it. */
export interface Action {
  readonly id: number;
  readonly command: string;
  status: "running" | "success" | "error";
  progress: number;
  readonly started: string;
  finished: string | null;
  error: { code: string; message: string } | null;
  readonly resources: readonly Reference[];
}

/** One action of a sequence, and its effect when it ends. */
export interface Step {
  readonly command: string;
  readonly resources: readonly Reference[];
  readonly work: () => void | Promise<void>;
}

/** All actions so far. As at Hetzner, an object is locked while an action is running on it. */
export class Actions {
  readonly #all = new Map<number, Action>();
  readonly #locked = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #time: Milliseconds;
  readonly #faults: Faults;
  readonly #nextId: () => number;

  constructor(nextId: () => number, faults: Faults, time: Milliseconds) {
    this.#nextId = nextId;
    this.#faults = faults;
    this.#time = time;
  }

  /** Starts an action; its first resource is locked until the end. */
  start(command: string, resources: readonly [Reference, ...Reference[]], work: Step["work"] = () => {}): Action {
    return this.sequence(resources[0], [{ command, resources, work }])[0] as Action;
  }

  /** Starts actions that run one after the other on one object. After a failed action the others fail, too. */
  sequence(on: Reference, steps: readonly Step[]): Action[] {
    const key = keyOf(on);
    if (this.#locked.has(key)) throw new ApiError("locked", `${on.type} is locked (another action is running)`, null);
    this.#locked.add(key);
    const actions = steps.map((step) => this.#made(step));
    const run = this.#run(actions, steps).finally(() => {
      this.#locked.delete(key);
      this.#running.delete(run);
    });
    this.#running.add(run);
    return actions.map((action) => ({ ...action }));
  }

  isLocked(on: Reference): boolean {
    return this.#locked.has(keyOf(on));
  }

  get(id: number): Action {
    const found = this.#all.get(id);
    if (found === undefined) throw notFound("action", id);
    return found;
  }

  /** The actions of one object, or all. */
  list(of?: Reference): Action[] {
    const all = [...this.#all.values()];
    return of === undefined ? all : all.filter(({ resources }) => resources.some((one) => keyOf(one) === keyOf(of)));
  }

  /** Resolves when no action is running. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #made({ command, resources }: Step): Action {
    const started = new Date().toISOString();
    const action: Action = {
      id: this.#nextId(),
      command,
      status: "running",
      progress: 0,
      started,
      finished: null,
      error: null,
      resources,
    };
    this.#all.set(action.id, action);
    return action;
  }

  async #run(actions: readonly Action[], steps: readonly Step[]): Promise<void> {
    // sequence() returned copies; GET /actions shows the objects that are changed here.
    let broken = false;
    for (const [at, action] of actions.entries()) {
      await sleep(this.#time);
      const failure: Action["error"] | undefined = broken
        ? { code: "action_failed", message: "Action failed" }
        : await this.#outcome(action, steps[at]);
      broken ||= failure !== undefined;
      action.status = failure === undefined ? "success" : "error";
      action.error = failure ?? null;
      action.progress = 100;
      action.finished = new Date().toISOString();
    }
  }

  async #outcome(action: Action, step: Step | undefined): Promise<Action["error"] | undefined> {
    const failure = this.#faults.takeFailure(action.command);
    if (failure !== undefined) return { ...failure };
    try {
      await step?.work();
      return undefined;
    } catch (thrown) {
      return { code: thrown instanceof ApiError ? thrown.code : "action_failed", message: messageOf(thrown) };
    }
  }
}

const keyOf = ({ type, id }: Reference): string => `${type}:${id}`;
