import { together } from "../../core/together.ts";
import { neverRestart, stopContainer } from "./container-steps.ts";
import type { OperationOf } from "./operation.ts";
import type { Work } from "./work.ts";

/** Stops a container that cannot run beside its successor. */
export function stopBefore(operation: OperationOf<"stop-before">, work: Work): Promise<void> {
  // What an earlier run has stopped did not serve: a revert must not start it.
  if (operation.until === undefined) work.undo.stopped.push(operation);
  return stopContainer(operation, work);
}

/** What was stopped first stays stopped, now that no revert can need it. */
export const keepStopped = (work: Work): Promise<unknown> =>
  together(work.undo.stopped, ({ host, role, id }) => neverRestart({ host, role, id }, work));
