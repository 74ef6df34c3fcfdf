import type { Hosts } from "../hosts/index.ts";
import { dockerEngineProvider } from "../providers/docker-engine/provider.ts";
import { exposureProvider } from "../providers/exposure/provider.ts";
import { firewallProvider } from "../providers/firewall/provider.ts";
import { hardeningProvider } from "../providers/hardening/provider.ts";
import type { Provider, Run } from "../providers/provider.ts";
import { proxyProvider } from "../providers/proxy/provider.ts";
import { registryLoginProvider } from "../providers/registry-login/provider.ts";
import { releaseProvider } from "../providers/release/provider.ts";
import { type Checkpoint, DYNAMIC, isDynamic, type Kept } from "./checkpoint.ts";

/** What is not as the last run left it, in words; one connection for each host. */
export async function differences({ resources }: Checkpoint, hosts: Hosts): Promise<string[]> {
  const run: Run = { hosts, report: { status() {}, say() {}, warn() {} }, owner: "" };
  const found = await Promise.all(resources.filter(isDynamic).map((resource) => differencesOf(resource, run)));
  return found.flat();
}

type LookAt = (resource: Kept, run: Run) => Promise<string[]>;

/** A noun that is not here is left to the engine. */
const LOOKS: Readonly<Record<string, LookAt>> = {
  Release: through(releaseProvider),
  Proxy: through(proxyProvider),
  RegistryLogin: through(registryLoginProvider),
  DockerEngine: through(dockerEngineProvider),
  Firewall: through(firewallProvider),
  Hardening: through(hardeningProvider),
  Exposure: through(exposureProvider),
};

const differencesOf: LookAt = (resource, run) => {
  const noun = resource.type.slice(DYNAMIC.length);
  const lookAt = Object.hasOwn(LOOKS, noun) ? LOOKS[noun] : undefined;
  return lookAt === undefined ? Promise.resolve([`${noun} is not known here`]) : lookAt(resource, run);
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
