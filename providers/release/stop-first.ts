import { stopContainer } from "./container-steps.ts";
import type { OperationOf } from "./operation.ts";
import type { Work } from "./work.ts";

/** Stops a container that cannot run beside its successor. */
export function stopBefore(operation: OperationOf<"stop-before">, work: Work): Promise<void> {
  work.undo.stopped.push(operation);
  return stopContainer(operation, work);
}
