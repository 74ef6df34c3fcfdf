import type { Hosts } from "../../hosts/index.ts";
import type { Provider, Run } from "../../providers/pulumi/provider.ts";
import { type Checkpoint, DYNAMIC, isDynamic, type Kept } from "../stack/checkpoint.ts";

/** What is not as the last run left it, in words; one connection for each host. */
export async function differences({ resources }: Checkpoint, hosts: Hosts): Promise<string[]> {
  const run: Run = { hosts, report: { status() {}, say() {}, warn() {} }, owner: "" };
  const found = await Promise.all(resources.filter(isDynamic).map((resource) => differencesOf(resource, run)));
  return found.flat();
}

type LookAt = (resource: Kept, run: Run) => Promise<string[]>;

/** How to look at each noun, loaded when there is one. A noun that is not here is left to the engine. */
const LOOKS: Readonly<Record<string, () => Promise<LookAt>>> = {
  Release: async () => through((await import("../../providers/release/provider.ts")).releaseProvider),
  Proxy: async () => through((await import("../../providers/proxy/provider.ts")).proxyProvider),
  RegistryLogin: async () => through((await import("../../providers/registry-login/provider.ts")).registryLoginProvider),
  DockerEngine: async () => through((await import("../../providers/docker-engine/provider.ts")).dockerEngineProvider),
  Firewall: async () => through((await import("../../providers/firewall/provider.ts")).firewallProvider),
  Hardening: async () => through((await import("../../providers/hardening/provider.ts")).hardeningProvider),
  Accessory: async () => through((await import("../../providers/accessory/provider.ts")).accessoryProvider),
  Schedule: async () => through((await import("../../providers/schedule/provider.ts")).scheduleProvider),
  Exposure: async () => through((await import("../../providers/exposure/provider.ts")).exposureProvider),
};

const differencesOf: LookAt = async (resource, run) => {
  const noun = resource.type.slice(DYNAMIC.length);
  const load = Object.hasOwn(LOOKS, noun) ? LOOKS[noun] : undefined;
  return load === undefined ? [`${noun} is not known here`] : (await load())(resource, run);
};

/** By its outputs: the inputs may be what a refresh found. */
function through<I, S extends I>(provider: Provider<I, S>): LookAt {
  return async ({ outputs, urn }, run) => {
    const name = urn.split("::").at(-1);
    const declared = provider.inputs.safeParse(outputs);
    if (!declared.success) return [`${name} was declared by another version of Slipway`];
    const { found } = await provider.read(declared.data, run, provider.state.safeParse(outputs).data);
    return found === "same" ? [] : [`${name} is not as the last run left it`];
  };
}
