import { z } from "zod";
import type { LabHost } from "./host.ts";

/** Where a Docker engine keeps images: in its graph driver, as by default before version 29, or in containerd. */
export type ImageStore = "classic" | "containerd";

const CONFIG = "/etc/docker/daemon.json";
const USE: Readonly<Record<ImageStore, string>> = {
  classic: `rm -f ${CONFIG}`,
  containerd: `printf '%s' '{"features":{"containerd-snapshotter":true}}' >${CONFIG}`,
};

const Info = z.object({ DriverStatus: z.array(z.array(z.string())).nullish() });

/** The host's Docker keeps images there from now on, and has none of those that are in its previous store. No-op if it does already. */
export async function useImageStore(host: LabHost, store: ImageStore): Promise<void> {
  if ((await imageStoreOf(host)) === store) return;
  await host.must(`mkdir -p /etc/docker; ${USE[store]}`);
  await host.stopDocker();
  await host.startDocker();
}

export async function imageStoreOf(host: LabHost): Promise<ImageStore> {
  const { DriverStatus } = Info.parse(await host.docker.info());
  return DriverStatus?.some(([, value]) => value?.startsWith("io.containerd.snapshotter")) ? "containerd" : "classic";
}
