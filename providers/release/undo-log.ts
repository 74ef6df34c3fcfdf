import type { Candidate } from "./candidate.ts";
import type { Fleet } from "./fleet.ts";
import type { OperationOf } from "./operation.ts";

/** A switch that happened. The proxy's call goes on until the old targets have drained. */
export interface Switched {
  readonly operation: OperationOf<"switch">;
  readonly drained: Promise<void>;
}

/** What a run has done to the fleet and may still have to undo. */
export class UndoLog {
  /** The fleet before the first change of this run. */
  readonly before: Fleet;
  readonly started: Candidate[] = [];
  readonly proved: Candidate[] = [];
  readonly paused: OperationOf<"pause">[] = [];
  readonly stopped: OperationOf<"stop-before">[] = [];
  readonly switched: Switched[] = [];
  /** Switches of an earlier attempt, whose connection was lost. */
  readonly earlier: OperationOf<"switch">[] = [];
  /** Canaries whose share was given, changed or ended. */
  readonly canaries: OperationOf<"canary" | "end-canary">[] = [];

  constructor(before: Fleet) {
    this.before = before;
  }
}
