import type { ChildRun } from "./child-run.ts";
import type { Fault, Scene } from "./fault.ts";
import { nameOf, type Point, stopsAt } from "./point.ts";

/** The fault of one cell, on its way to its point. */
export class Blow {
  readonly #point: Point;
  readonly #fault: Fault;
  readonly #scene: Omit<Scene, "run">;
  #hasCome = false;
  #isOver = false;
  #struck: Promise<void> | undefined;
  #healed: Promise<void> | undefined;

  constructor(point: Point, fault: Fault, scene: Omit<Scene, "run">) {
    this.#point = point;
    this.#fault = fault;
    this.#scene = scene;
  }

  /** For `Stage.run`: strikes where the run is at the point. */
  readonly visit = async (at: Point, run: ChildRun): Promise<(() => Promise<void>) | undefined> => {
    if (this.#hasCome || nameOf(at) !== stopsAt(this.#point)) return undefined;
    this.#hasCome = true;
    if (this.#point.moment !== "during") {
      await this.#strike(run);
      return undefined;
    }
    const onItsWay = this.#scene.relay.forwarded();
    return () => onItsWay.then(() => this.#strike(run));
  };

  /**
   * The world is well again. A run can end while the fault still strikes: one that looks at a host whose Docker is stopping fails
   * before it has stopped.
   *
   * @returns whether it struck
   */
  async over(): Promise<boolean> {
    this.#isOver = true;
    try {
      await this.#struck;
    } finally {
      await (this.#fault.heals === "meanwhile" ? this.#healed : this.#fault.heal(this.#scene));
    }
    return this.#struck !== undefined;
  }

  /** What a later run sends is not what this one is aimed at. */
  async #strike(run: ChildRun): Promise<void> {
    if (this.#isOver) return;
    this.#struck = this.#fault.strike({ ...this.#scene, run });
    if (this.#fault.heals === "meanwhile") {
      this.#healed = this.#struck.catch(() => {}).then(() => this.#fault.heal(this.#scene));
      // It is awaited when the run has ended.
      this.#healed.catch(() => {});
    }
    await this.#struck;
  }
}
