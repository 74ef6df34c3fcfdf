import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Deadline } from "../../../core/deadline.ts";
import type { HostName, Seconds } from "../../../core/words.ts";
import type { Operation } from "../../../providers/release/operation.ts";
import type { Allowance } from "./allowance.ts";
import { type Mutation, type Undone, uncovered } from "./cover.ts";
import { FromChild, type Go, type Order } from "./message.ts";
import type { Point } from "./point.ts";

/** How a run ended. */
export type Ending =
  | { readonly how: "done"; readonly state: unknown; readonly changed: boolean }
  /** With an error made for its reader. */
  | { readonly how: "refused"; readonly text: string }
  /** With anything else: an unexpected exception, an end without a word, no end at all. */
  | { readonly how: "broken"; readonly text: string }
  | { readonly how: "killed" };

/** Called at every point; the run waits there until it settles. What it gives back is called when the run goes on. */
export type Visit = (point: Point, run: ChildRun) => Promise<(() => Promise<void>) | undefined>;

/** One run of a release or of another change in a process of its own. */
export class ChildRun {
  /** What it said to its user. */
  readonly said: string[] = [];
  readonly #mutations: Mutation[] = [];
  readonly #planned: Operation[] = [];
  readonly #undone: Undone[] = [];
  readonly #allowed: Allowance[] = [];
  #hasBegun = false;
  readonly #child: ChildProcess;
  #stderr = "";
  #killed = false;
  #last: Ending | undefined;

  /** Loads what a run needs; the order comes with `carryOut`. */
  constructor() {
    this.#child = fork(new URL("./child.ts", import.meta.url), [], { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
  }

  /** Runs until it ends; one that has not ended in time is killed, and that is reported. */
  async carryOut(order: Order, visit: Visit, patience: Seconds): Promise<Ending> {
    const exited = once(this.#child, "exit");
    const failures: unknown[] = [];
    this.#child.on("message", (raw) => {
      void this.#hear(FromChild.parse(raw), visit).catch((failure: unknown) => failures.push(failure));
    });
    this.#child.send(order);
    const ending = await this.#end(exited, patience);
    if (failures.length > 0) throw failures[0];
    return ending;
  }

  /** Mutations that none of the run's plans has. @param hosts of a release */
  unplanned(hosts: ReadonlySet<HostName>): string[] {
    return uncovered(this.#mutations, { hosts, planned: this.#planned, undone: this.#undone, allowed: this.#allowed });
  }

  /** `kill -9`; resolves when it is dead. */
  async kill(): Promise<void> {
    this.#killed = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  async #hear(message: FromChild, visit: Visit): Promise<void> {
    switch (message.kind) {
      case "at":
        if (this.#hasBegun && message.point.moment === "before") this.#mutations.push(message.point);
        return this.#stop(message.point, message.ticket, visit);
      case "begins":
        this.#hasBegun = true;
        return;
      case "planned":
        this.#planned.push(...message.operations);
        return;
      case "allowed":
        this.#allowed.push(message);
        return;
      case "reverting":
        this.#undone.push(...message.undone);
        return;
      case "said":
        this.said.push(message.text);
        return;
      case "done":
        this.#last = { how: "done", state: message.state, changed: message.changed };
        return;
      case "failed":
        this.#last = { how: message.isExpected ? "refused" : "broken", text: message.text };
    }
  }

  async #stop(point: Point, ticket: number, visit: Visit): Promise<void> {
    const meanwhile = await visit(point, this);
    // A run that was killed here no longer listens.
    if (this.#child.connected) this.#child.send({ kind: "go", ticket } satisfies Go, () => {});
    await meanwhile?.();
  }

  async #end(exited: Promise<unknown>, patience: Seconds): Promise<Ending> {
    const late = new Error(`no end after ${patience} s`);
    const tooLate = await Deadline.in(patience)
      .race(exited, () => late)
      .then(() => false)
      .catch((thrown: unknown) => {
        if (thrown !== late) throw thrown;
        return true;
      });
    if (this.#killed) return { how: "killed" };
    if (tooLate) {
      await this.kill();
      const where = this.#last === undefined ? late.message : `said "${this.#last.how}", and its process did not end`;
      return { how: "broken", text: [where, ...this.said.slice(-3), this.#stderr.trim()].filter(Boolean).join("; ") };
    }
    return this.#last ?? { how: "broken", text: `ended without a word: ${this.#stderr.trim().slice(-500)}` };
  }
}
