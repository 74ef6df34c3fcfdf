/** What the engine's provider process loads, by the frozen name `slipway/provider`. */
import { adapt } from "./dynamic.ts";
import { proxyProvider } from "./proxy/provider.ts";
import { registryLoginProvider } from "./registry-login/provider.ts";
import { releaseProvider } from "./release/provider.ts";

export const proxy = adapt(proxyProvider);
export const registryLogin = adapt(registryLoginProvider);
export const release = adapt(releaseProvider);
