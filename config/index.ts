export type { Accessory } from "./accessory/accessory.ts";
export { placeOfAlone } from "./accessory/alone.ts";
export { containersOf, takenNames } from "./accessory/name.ts";
export { isReachable, ownAddress, reachOf } from "./accessory/reach.ts";
export { type Aliases, expandAlias, readAliases } from "./aliases.ts";
export { snakeCase } from "./camel-case.ts";
export { type Config, parseConfig, type Question, type ReadConfig, readConfig } from "./config.ts";
export { ELSEWHERE } from "./elsewhere.ts";
export { type Answer, type Answers, type Fault, NO_ANSWERS } from "./env/answers.ts";
export type { Env } from "./env/env.ts";
export {
  type AwsPlace,
  type GcpPlace,
  labelOf,
  resolveSources,
  type SecretSource,
  type SourcePlace,
  type VaultPlace,
} from "./env/source.ts";
export { type SourceInput, SourcesSection } from "./env/source-section.ts";
export type { Docker } from "./hosts/docker.ts";
export type { Firewall } from "./hosts/firewall.ts";
export type { Harden } from "./hosts/harden.ts";
export type { HetznerRole, HetznerShared } from "./hosts/hetzner.ts";
export type { HetznerBalancer } from "./hosts/hetzner-balancer.ts";
export type { HetznerMachine } from "./hosts/hetzner-machine.ts";
export type { ExistingHost, Host, MadeHost } from "./hosts/host.ts";
export type { Jump, Ssh } from "./hosts/ssh.ts";
export { parseMachine } from "./machine.ts";
export { faultOfOutput, noOutput } from "./must-be-known.ts";
export { placeholdersFor } from "./placeholder.ts";
export type { Placeholders } from "./placeholder-formats.ts";
export { type ProgramNames, withYamlKeys } from "./program-keys.ts";
export { type ProgramPlace, placeOf } from "./program-place.ts";
export { argumentsError } from "./program-problems.ts";
export type { ErrorPages } from "./proxy/error-pages.ts";
export type { ProxyRun } from "./proxy/run.ts";
export type { RawConfig } from "./raw.ts";
export type { Canary } from "./release/canary.ts";
export type { HostPart } from "./release/host-part.ts";
export type { ImageSource } from "./release/image-source.ts";
export type { OwnImage, Role } from "./release/role.ts";
export type { Key, Problem } from "./schema/problem.ts";
export { parsePart, parseServer, type ServerPart, type ServerParts, type ServerValues } from "./server.ts";
