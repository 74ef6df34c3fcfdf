import type Dockerode from "dockerode";
import { startEngine } from "./engine.ts";
import { ensureOperatorKey, type LabKey } from "./keys.ts";
import { ensureNetwork, type LabNetwork } from "./network.ts";
import { type LabRegistry, startRegistry } from "./registry.ts";

/** What every machine of the lab needs. */
export interface Ground {
  readonly outer: Dockerode;
  readonly network: LabNetwork;
  readonly registry: LabRegistry;
  readonly key: LabKey;
}

/** Starts the missing parts. */
export async function startGround(): Promise<Ground> {
  const outer = await startEngine();
  const network = await ensureNetwork(outer);
  const [registry, key] = await Promise.all([startRegistry(network.gateway), ensureOperatorKey()]);
  return { outer, network, registry, key };
}
