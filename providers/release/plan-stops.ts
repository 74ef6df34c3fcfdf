import type { RoleSpec } from "../../core/release/role.ts";
import type { HostName, RoleName, Seconds } from "../../core/words.ts";
import type { Found } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Operation, OperationOf } from "./operation.ts";

/** A crash-looping container may be restarted at any moment. */
export const mayRun = ({ running, status }: Found): boolean => running || status === "restarting";

/** It ends by itself, and may be neither killed nor removed before. */
export const isFinishing = ({ finishing }: Found): boolean => finishing !== undefined;

/** What the end of a container needs to know of its slot. */
interface Slot {
  readonly host: HostName;
  readonly role: RoleName;
  readonly spec: Pick<RoleSpec, "strategy" | "stopTimeout" | "stopDelay">;
}

/** Stops what a slot no longer needs. What an earlier run left to finish goes on, and one that may need long is left, too. */
export function planStop({ host, spec }: Slot, container: Found, { stopWait }: Pick<ReleaseInputs, "stopWait">): Operation[] {
  if (isFinishing(container)) return [];
  const { strategy, stopTimeout, stopDelay } = spec;
  // Of what must not run twice, a second one is not left running.
  const mayBeLeft = stopTimeout > stopWait && strategy !== "stop-first";
  return [
    {
      ...ending(host, container, stopTimeout),
      do: "stop",
      ...(stopDelay > 0 ? { delay: stopDelay } : {}),
      ...(mayBeLeft ? { leaveAfter: stopWait } : {}),
    },
  ];
}

/** Whether a container may still run when the run ends. */
export const isLeft = (operation: Operation): operation is OperationOf<"stop"> =>
  operation.do === "stop" && operation.leaveAfter !== undefined;

/** Stops what is removed afterwards: no later run would look for it. */
export function planLastStop(host: HostName, container: Found, wanted: ReleaseInputs): OperationOf<"stop"> {
  const { role, stopTimeout } = container;
  return { ...ending(host, container, wanted.roles[role]?.stopTimeout ?? stopTimeout ?? wanted.drainTimeout), do: "stop" };
}

/** What must not run beside its successor is waited for, also where an earlier run has stopped it. */
export const planStopBefore = ({ host, role, spec }: Slot, container: Found): Operation => ({
  ...ending(host, container, spec.stopTimeout),
  do: "stop-before",
  role,
});

function ending(host: HostName, { name, id, finishing }: Found, grace: Seconds): Omit<OperationOf<"stop">, "do"> {
  return { host, container: name, id, grace, ...(finishing === undefined ? {} : { until: finishing.until }) };
}
