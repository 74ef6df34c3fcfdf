import type { HostName, RoleName } from "../../core/words.ts";
import { stopInTime } from "../container/stop.ts";
import { awaitEnd } from "./await-end.ts";
import { NEVER_RESTART, stopOrLeave } from "./leave.ts";
import type { OperationOf } from "./operation.ts";
import { takeOut } from "./take-out.ts";
import type { Work } from "./work.ts";

export const removeContainer = ({ host, id }: OperationOf<"remove" | "remove-leftover">, work: Work): Promise<void> =>
  work.on(host).docker.remove(id, { force: true, anonymousVolumes: true });

/** A container that was cut off is reported: the release itself has succeeded. */
export async function stopContainer(operation: OperationOf<"stop" | "stop-before">, work: Work): Promise<void> {
  const { host, id, container: name, grace, until } = operation;
  if (until !== undefined) return awaitEnd({ ...operation, until }, work);
  const found = work.before[host];
  const role = found?.kind === "reached" ? found.containers.find((one) => one.id === id)?.role : undefined;
  if (operation.do === "stop") {
    await takeOut(operation, work);
    const { leaveAfter } = operation;
    if (leaveAfter !== undefined && (await stopOrLeave({ ...operation, leaveAfter }, work)) === "done") return;
    await neverRestart({ host, role, id }, work);
  }
  const key = `slipway:servers.${role ?? "<role>"}.stop_timeout`;
  const warning = await stopInTime(work.on(host), { id, name, grace, key });
  if (warning !== undefined) work.run.report.warn(warning);
}

/** With the policy `always`, Docker starts what was stopped when it starts itself. */
export async function neverRestart(
  { host, role, id }: { readonly host: HostName; readonly role: RoleName | undefined; readonly id: string },
  work: Work,
): Promise<void> {
  if (role === undefined || work.inputs.roles[role]?.options.restart.name !== "always") return;
  await work.on(host).docker.update(id, NEVER_RESTART);
}

export const removeRoute = ({ host, route }: OperationOf<"remove-route">, work: Work): Promise<void> =>
  work.on(host).proxy.remove(route);
