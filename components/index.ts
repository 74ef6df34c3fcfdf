export type { Digests } from "./declare-release.ts";
export { Deployment } from "./deployment.ts";
export { Proxy, type ProxyArgs } from "./proxy.ts";
export { type RegistryArgs, RegistryLogin } from "./registry-login.ts";
export { Release, type ReleaseArgs } from "./release.ts";
export { type MachineArgs, Server, type ServerArgs } from "./server.ts";
export { imageDigests, stackConfig } from "./stack-config.ts";
