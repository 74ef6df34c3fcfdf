import { messageOf } from "../../core/error.ts";
import { ConnectionLost } from "../../hosts/index.ts";
import { updatable } from "../container/body.ts";
import { CandidateFailed } from "../container/candidate.ts";
import type { Candidate } from "./candidate.ts";
import type { OperationOf } from "./operation.ts";
import { only } from "./plan.ts";
import type { Work } from "./work.ts";

/** Gives a container that has proved itself the limits and the restart policy that are planned for it. */
export async function limitProved(candidate: Candidate, work: Work): Promise<void> {
  const { host, id, name } = candidate;
  const isIts = (operation: { host: string; container: string }) => operation.host === host.name && operation.container === name;
  const planned = only(work.plan, "set-limits").find(isIts) ?? only(work.plan, "reset-limits").find(isIts);
  if (planned === undefined) return;
  await host.docker.update(id, updatable(candidate.place.spec.options)).catch((thrown: unknown) => {
    if (thrown instanceof ConnectionLost) throw thrown;
    throw new CandidateFailed(host.name, `the limits of ${name} could not be set`, [messageOf(thrown)]);
  });
}

export async function setLimits({ host, container }: OperationOf<"set-limits">, work: Work): Promise<void> {
  const candidate = work.undo.started.find((one) => one.host.name === host && one.name === container);
  if (candidate === undefined) throw new TypeError(`${container} was not started on ${host}`);
  await limitProved(candidate, work);
}

/** A candidate has had its edit undone when it had proved itself. */
export async function resetLimits({ host, id, role }: OperationOf<"reset-limits">, work: Work): Promise<void> {
  const spec = work.inputs.roles[role];
  if (spec === undefined || work.undo.proved.some((candidate) => candidate.id === id)) return;
  await work.on(host).docker.setLimits(id, updatable(spec.options));
}
