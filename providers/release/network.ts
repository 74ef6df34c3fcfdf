import { STACK_LABEL } from "../../core/owner.ts";
import { KAMAL_PROXY } from "../../hosts/index.ts";
import type { OperationOf } from "./operation.ts";
import type { Work } from "./work.ts";

export const createNetwork = ({ host }: OperationOf<"create-network">, work: Work): Promise<void> =>
  work.on(host).docker.createNetwork(KAMAL_PROXY.network, { [STACK_LABEL]: work.inputs.stack });

/** Docker refuses while another container is on it, which is how it should be. */
export async function removeNetwork({ host }: OperationOf<"remove-network">, work: Work): Promise<void> {
  await work.on(host).docker.removeNetwork(KAMAL_PROXY.network);
}
