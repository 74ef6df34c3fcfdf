/** What the engine's provider process loads under the name `slipway/provider`. State refers to the exported names: they never change. */
import { adapt } from "./pulumi/dynamic.ts";

export const accessory = adapt(async () => (await import("./accessory/provider.ts")).accessoryProvider);
export const build = adapt(async () => (await import("./build/provider.ts")).buildProvider);
export const dockerEngine = adapt(async () => (await import("./docker-engine/provider.ts")).dockerEngineProvider);
export const exposure = adapt(async () => (await import("./exposure/provider.ts")).exposureProvider);
export const firewall = adapt(async () => (await import("./firewall/provider.ts")).firewallProvider);
export const hardening = adapt(async () => (await import("./hardening/provider.ts")).hardeningProvider);
export const hook = adapt(async () => (await import("./hook/provider.ts")).hookProvider);
export const hostKey = adapt(async () => (await import("./host-key/provider.ts")).hostKeyProvider);
export const proxy = adapt(async () => (await import("./proxy/provider.ts")).proxyProvider);
export const registryLogin = adapt(async () => (await import("./registry-login/provider.ts")).registryLoginProvider);
export const release = adapt(async () => (await import("./release/provider.ts")).releaseProvider);
export const schedule = adapt(async () => (await import("./schedule/provider.ts")).scheduleProvider);
export const setup = adapt(async () => (await import("./setup/provider.ts")).setupProvider);
/** Named before its folder was called `pre-delete`; the type token of its resources is `Tenancy`. */
export const tenancy = adapt(async () => (await import("./pre-delete/provider.ts")).preDeleteProvider);
