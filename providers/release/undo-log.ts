import type { Candidate } from "./candidate.ts";
import type { Fleet } from "./fleet.ts";
import type { OperationOf } from "./plan.ts";

/** A switch that happened. The proxy's call goes on until the old targets have drained. */
export interface Switched {
  readonly operation: OperationOf<"switch">;
  readonly drained: Promise<void>;
}

/** What a run does to the canary of one route. */
export type CanaryChange = Pick<OperationOf<"canary">, "host" | "role" | "route">;

/** What a run has done to the fleet and may still have to take back. */
export class UndoLog {
  /** What the fleet was like when nothing had been done yet. */
  readonly before: Fleet;
  readonly started: Candidate[] = [];
  readonly proved: Candidate[] = [];
  readonly held: OperationOf<"hold">[] = [];
  readonly halted: OperationOf<"halt">[] = [];
  readonly switched: Switched[] = [];
  /** Of an attempt before this one, whose connection was lost. */
  readonly earlier: OperationOf<"switch">[] = [];
  /** Canaries whose share was given, changed or taken. */
  readonly canaries: CanaryChange[] = [];

  constructor(before: Fleet) {
    this.before = before;
  }
}
