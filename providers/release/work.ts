import type { HostName } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { Fleet } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Plan } from "./plan.ts";
import type { Stopwatch } from "./stopwatch.ts";
import type { Targets } from "./targets.ts";
import type { UndoLog } from "./undo-log.ts";

type DockerInfo = ReturnType<Host["docker"]["info"]>;

interface Parts {
  readonly inputs: ReleaseInputs;
  readonly targets: Targets;
  readonly run: Run;
  readonly watch: Stopwatch;
  readonly before: Fleet;
  readonly plan: Plan;
  readonly undo: UndoLog;
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
  readonly #dockers = new Map<Host, DockerInfo>();

  constructor(parts: Parts) {
    this.inputs = parts.inputs;
    this.targets = parts.targets;
    this.run = parts.run;
    this.watch = parts.watch;
    this.before = parts.before;
    this.plan = parts.plan;
    this.undo = parts.undo;
  }

  on(name: HostName): Host {
    const host = this.targets.get(name);
    if (host === undefined) throw new TypeError(`no host ${name} in this release`);
    return host;
  }

  /** What the Docker of a host says of itself. It is asked once, however many containers start there. */
  dockerOn(host: Host): DockerInfo {
    const known = this.#dockers.get(host) ?? host.docker.info();
    this.#dockers.set(host, known);
    return known;
  }
}
