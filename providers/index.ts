/** What the engine's provider process loads, by the frozen name `slipway/provider`. */
import { dockerEngineProvider } from "./docker-engine/provider.ts";
import { adapt } from "./dynamic.ts";
import { exposureProvider } from "./exposure/provider.ts";
import { firewallProvider } from "./firewall/provider.ts";
import { hardeningProvider } from "./hardening/provider.ts";
import { hostKeyProvider } from "./host-key/provider.ts";
import { proxyProvider } from "./proxy/provider.ts";
import { registryLoginProvider } from "./registry-login/provider.ts";
import { releaseProvider } from "./release/provider.ts";
import { tenancyProvider } from "./tenancy/provider.ts";

export const dockerEngine = adapt(dockerEngineProvider);
export const exposure = adapt(exposureProvider);
export const firewall = adapt(firewallProvider);
export const hardening = adapt(hardeningProvider);
export const hostKey = adapt(hostKeyProvider);
export const proxy = adapt(proxyProvider);
export const registryLogin = adapt(registryLoginProvider);
export const release = adapt(releaseProvider);
export const tenancy = adapt(tenancyProvider);
