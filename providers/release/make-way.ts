import { hostOf, together } from "./crew.ts";
import { hold, letIn } from "./door.ts";
import { only, type Plan } from "./plan.ts";
import type { UndoLog } from "./undo-log.ts";
import type { Wave } from "./wave.ts";
import type { Work } from "./work.ts";

/** Stops what cannot run beside its successor. Requests wait at the proxy meanwhile. */
export async function makeWay(work: Work, plan: Plan, wave: Wave, undo: UndoLog): Promise<void> {
  const isOurs = ({ host, role }: { host: string; role: string }) => wave.includes(`${host}/${role}`);
  await together(only(plan, "hold").filter(isOurs), async (operation) => {
    undo.held.push(operation);
    await hold(work, operation);
  });
  await together(only(plan, "halt").filter(isOurs), async (operation) => {
    undo.halted.push(operation);
    await hostOf(work.crew, operation.host).docker.stop(operation.id, operation.grace);
  });
}

/** Whoever waits has waited long enough: the successor serves, whatever else the release has still to do. */
export const letInHeld = (work: Work, wave: Wave, { held }: UndoLog): Promise<unknown> =>
  together(
    held.filter(({ host, role }) => wave.includes(`${host}/${role}`)),
    (operation) => letIn(work, operation),
  );
