import { stopInTime } from "../container/stop.ts";
import type { OperationOf } from "./operation.ts";
import type { Work } from "./work.ts";

export const removeContainer = ({ host, id }: OperationOf<"remove" | "remove-leftover">, work: Work): Promise<void> =>
  work.on(host).docker.remove(id, { force: true, anonymousVolumes: true });

/** A container that was cut off is reported: the release itself has succeeded. */
export async function stopContainer(operation: OperationOf<"stop" | "stop-before">, work: Work): Promise<void> {
  const { host, id, container: name, grace } = operation;
  const found = work.before[host];
  const role = found?.kind === "reached" ? found.containers.find((one) => one.id === id)?.role : undefined;
  const key = `slipway:servers.${role ?? "<role>"}.stop_timeout`;
  const warning = await stopInTime(work.on(host), { id, name, grace, key });
  if (warning !== undefined) work.run.report.warn(warning);
}

export const removeRoute = ({ host, route }: OperationOf<"remove-route">, work: Work): Promise<void> =>
  work.on(host).proxy.remove(route);
