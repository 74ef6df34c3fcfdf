import type { Hosts } from "../../../hosts/index.ts";
import { forgottenIn } from "../../../providers/pulumi/forgotten.ts";
import type { Provider, Run } from "../../../providers/pulumi/provider.ts";
import { SILENT } from "../../../providers/pulumi/report.ts";
import { type Checkpoint, DYNAMIC, isDynamic, type Kept } from "../../stack/checkpoint.ts";

/** What differs from what the last run left on the hosts, a sentence each; one connection for each host. */
export async function findDrift(checkpoint: Checkpoint, hosts: Hosts): Promise<string[]> {
  const found = await Promise.all(driftsOf(checkpoint, hosts));
  return found.filter((drift) => drift !== undefined);
}

/** The same for each resource, as soon as it is known. */
export function driftsOf({ resources }: Checkpoint, hosts: Hosts): Promise<string | undefined>[] {
  const run = lookAt(hosts);
  return resources.filter(isDynamic).map((resource) => driftOf(resource, run));
}

/** Of a run that only looks. */
export const lookAt = (hosts: Hosts): Run => ({
  hosts: hosts.shared,
  report: SILENT,
  owner: "",
  forgotten: forgottenIn(undefined),
  declared: async () => [],
});

type FindDrift = (resource: Kept, run: Run) => Promise<string | undefined>;

/** By noun, loaded if the state has one. A noun that is missing here is left to the engine. */
const FINDERS: Readonly<Record<string, () => Promise<FindDrift>>> = {
  Release: async () => through((await import("../../../providers/release/provider.ts")).releaseProvider),
  Proxy: async () => through((await import("../../../providers/proxy/provider.ts")).proxyProvider),
  RegistryLogin: async () => through((await import("../../../providers/registry-login/provider.ts")).registryLoginProvider),
  DockerEngine: async () => through((await import("../../../providers/docker-engine/provider.ts")).dockerEngineProvider),
  Firewall: async () => through((await import("../../../providers/firewall/provider.ts")).firewallProvider),
  Hardening: async () => through((await import("../../../providers/hardening/provider.ts")).hardeningProvider),
  Accessory: async () => through((await import("../../../providers/accessory/provider.ts")).accessoryProvider),
  Schedule: async () => through((await import("../../../providers/schedule/provider.ts")).scheduleProvider),
  Setup: async () => through((await import("../../../providers/setup/provider.ts")).setupProvider),
  Hook: async () => through((await import("../../../providers/hook/provider.ts")).hookProvider),
  Build: async () => through((await import("../../../providers/build/provider.ts")).buildProvider),
  Exposure: async () => through((await import("../../../providers/exposure/provider.ts")).exposureProvider),
};

const driftOf: FindDrift = async (resource, run) => {
  const noun = resource.type.slice(DYNAMIC.length);
  const load = Object.hasOwn(FINDERS, noun) ? FINDERS[noun] : undefined;
  return load === undefined ? `resources of the type ${noun} are unknown to this version` : (await load())(resource, run);
};

/** Reads a resource as the engine's refresh does. It starts from the outputs: the inputs may be what a refresh found. */
function through<I, S extends I>(provider: Provider<I, S>): FindDrift {
  return async ({ outputs, urn }, run) => {
    const name = urn.split("::").at(-1);
    const declared = provider.inputs.safeParse(outputs);
    if (!declared.success) return `${name} was declared by a different version of Slipway`;
    const { found } = await provider.read(declared.data, run, provider.state.safeParse(outputs).data);
    return found === "same" ? undefined : `${name} differs from what the last run left`;
  };
}
