import type { HostName } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { Fleet } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Plan } from "./plan.ts";
import type { Ready } from "./ready.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { Targets } from "./targets.ts";
import type { UndoLog } from "./undo-log.ts";

interface Parts {
  readonly inputs: ReleaseInputs;
  readonly targets: Targets;
  readonly run: Run;
  readonly watch: Stopwatch;
  readonly before: Fleet;
  readonly plan: Plan;
  readonly undo: UndoLog;
  /** What is known of the hosts where something starts. */
  readonly ready: readonly Ready[];
}

/** One attempt to carry out one plan, under the leases of its hosts. */
export class Work implements Parts {
  readonly inputs: ReleaseInputs;
  readonly targets: Targets;
  readonly run: Run;
  readonly watch: Stopwatch;
  /** What the plan was made from. After a lost connection it has the changes of earlier attempts; `undo.before` has not. */
  readonly before: Fleet;
  readonly plan: Plan;
  readonly undo: UndoLog;
  readonly ready: readonly Ready[];

  constructor(parts: Parts) {
    this.inputs = parts.inputs;
    this.targets = parts.targets;
    this.run = parts.run;
    this.watch = parts.watch;
    this.before = parts.before;
    this.plan = parts.plan;
    this.undo = parts.undo;
    this.ready = parts.ready;
  }

  on(name: HostName): Host {
    const host = this.targets.get(name);
    if (host === undefined) throw new TypeError(`no host ${name} in this release`);
    return host;
  }

  /** What the Docker of a host says of itself. */
  async dockerOn(host: Host): Promise<Ready["info"]> {
    return this.ready.find((one) => one.host === host)?.info ?? host.docker.info();
  }
}
