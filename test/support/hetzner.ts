import { bootedHost } from "../../lab/cloud-init.ts";
import { type CloudOptions, HetznerCloud } from "../../lab/hetzner/cloud.ts";
import { labMachines, machineOf } from "../../lab/hetzner/lab-machines.ts";
import type { LabHost } from "../../lab/host.ts";
import { hostFor } from "../../lab/lane.ts";
import { installPlugins } from "../../lab/plugins/install.ts";
import type { LabStack } from "../../lab/stack.ts";

/** Machines of this file's tests; another run on the same machine names its own. */
const PREFIX = process.env.SLIPWAY_HETZNER_PREFIX ?? hostFor("hz");

/** A Hetzner Cloud whose servers are machines of the lab. Disposing it removes those that are left. */
export const hetznerOnLab = (options: Omit<CloudOptions, "machines"> = {}): Promise<HetznerCloud> =>
  HetznerCloud.start({ ...options, machines: labMachines(PREFIX) });

/** From now on the stack's Hetzner is this one, and its CLI has the plugins of `@pulumi/hcloud` and `@pulumi/command`. */
export async function useHetzner(stack: LabStack, cloud: HetznerCloud): Promise<void> {
  const home = stack.env.PULUMI_HOME;
  if (home === undefined) throw new Error("the stack has no PULUMI_HOME of its own");
  await installPlugins(home);
  await stack.secrets({ "hcloud:endpoint": cloud.endpoint, "hcloud:token": cloud.token });
}

/** The machine behind a server, around SSH. @example (await serverHost("web-1")).sh("docker ps") */
export const serverHost = (server: string): Promise<LabHost> => bootedHost(machineOf(PREFIX, server));
