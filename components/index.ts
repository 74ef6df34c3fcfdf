export { Accessory } from "./alone/accessory.ts";
export type { StandaloneAccessoryArgs } from "./alone/accessory-args.ts";
export { DockerEngine, type DockerEngineArgs } from "./alone/docker-engine.ts";
export { Firewall, type StandaloneFirewallArgs } from "./alone/firewall.ts";
export { Hardening, type HardeningArgs } from "./alone/hardening.ts";
export { HetznerMachine } from "./alone/hetzner-machine.ts";
export type {
  FirewallAtHetzner,
  HetznerMachineArgs,
  SshKeyAtHetzner,
  SubnetAtHetzner,
} from "./alone/hetzner-machine-args.ts";
export { KamalProxy as Proxy, type StandaloneProxyArgs } from "./alone/proxy.ts";
export type { AccessoryOutputs, PublishedPort } from "./app/accessory-outputs.ts";
export { App } from "./app/app.ts";
export type * from "./app/args.ts";
export type { EnvArgs, RootEnvArgs, RootSplitEnvArgs, SplitEnvArgs } from "./app/env-args.ts";
export type { ServerOfRole, Servers } from "./app/servers.ts";
export { imageDigests } from "./declare/digests.ts";
export type { Digests } from "./declare/release.ts";
export { Deployment, type Machines, type ServerOutputs } from "./deployment.ts";
export type * from "./hetzner/args.ts";
export { type CloudConfigArgs, cloudConfig } from "./keys/cloud-config.ts";
export { type AuthorizedKeys, HostKey } from "./keys/host-key.ts";
export { operatorKeys } from "./keys/operator-keys.ts";
export { type SecretSourceArgs, secretsFrom } from "./secrets-from.ts";
export type * from "./server/args.ts";
export type { ConnectionArgs } from "./server/connection-args.ts";
export { type RegistryCredentials, RegistryLogin, type RegistryLoginArgs } from "./server/registry-login.ts";
export { Server, type ServerArgs } from "./server/server.ts";
export { stackConfig } from "./stack-config.ts";
