import type { OperationOf } from "./operation.ts";
import type { Work } from "./work.ts";

export const removeContainer = ({ host, id }: OperationOf<"remove" | "remove-leftover">, work: Work): Promise<void> =>
  work.on(host).docker.remove(id, { force: true, anonymousVolumes: true });

export const stopContainer = ({ host, id, grace }: OperationOf<"stop">, work: Work): Promise<void> =>
  work.on(host).docker.stop(id, grace);

export const removeRoute = ({ host, route }: OperationOf<"remove-route">, work: Work): Promise<void> =>
  work.on(host).proxy.remove(route);
