import type { LabHost } from "./host.ts";
import { type ImageStore, useImageStore } from "./image-store.ts";
import { type Lab, startLab } from "./lab.ts";
import { hostFor } from "./lane.ts";

/** A lab host whose engine is the operator's: its socket is a file of this machine. */
export interface OperatorEngine {
  readonly lab: Lab;
  readonly host: LabHost;
  /** DOCKER_HOST. @example "unix:///…/docker.sock" */
  readonly engine: string;
}

/**
 * An engine with that store, without build cache, and fresh otherwise. Each store has a host of its own, which keeps it.
 *
 * @param name of the host, which keeps that store
 */
export async function operatorEngine(store: ImageStore, name = hostFor(`operator-${store}`)): Promise<OperatorEngine> {
  const lab = await startLab({ hosts: [name] });
  const host = lab.host(name);
  await useImageStore(host, store);
  await host.reset();
  await host.must("docker builder prune --all --force");
  return { lab, host, engine: `unix://${host.socket}` };
}
