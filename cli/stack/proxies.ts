import { ProxyState } from "../../providers/proxy/inputs.ts";
import { type Checkpoint, DYNAMIC } from "./checkpoint.ts";
import type { Machines } from "./machines.ts";

const Declared = ProxyState.pick({ host: true });

/** The hosts of a stack that have a proxy. Pure. */
export function proxiesIn(checkpoint: Checkpoint): Machines["hosts"] {
  const hosts = checkpoint.resources
    .filter(({ type }) => type === `${DYNAMIC}Proxy`)
    .flatMap(({ outputs }) => Declared.safeParse(outputs).data?.host ?? []);
  return Object.fromEntries(hosts.sort((a, b) => (a.name < b.name ? -1 : 1)).map((host) => [host.name, host]));
}
