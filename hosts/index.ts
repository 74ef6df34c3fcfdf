export { type Access, type Jump, parseAccess } from "./access.ts";
export { Address } from "./address.ts";
export { ConnectionLost } from "./connection-lost.ts";
export {
  type CreateBody,
  Docker,
  type LabelFilter,
  type PullOptions,
  type PullProgress,
  type RegistryAuth,
  type RestartPolicy,
} from "./docker.ts";
export type {
  Container,
  ContainerState,
  ContainerSummary,
  Distribution,
  Image,
  ImageSummary,
  Network,
  Volume,
} from "./docker-answers.ts";
export { DockerRefusal } from "./docker-trouble.ts";
export type { WriteOptions } from "./files.ts";
export { Host } from "./host.ts";
export { Hosts } from "./hosts.ts";
export { KAMAL_PROXY, KamalProxy, ProxyRefused } from "./kamal-proxy.ts";
export { type Route, routeDifferences } from "./kamal-proxy-route.ts";
export type { Lease, LeaseOptions } from "./lease.ts";
export type { ProbeTarget } from "./probe.ts";
export type { Ran, RunOptions } from "./run.ts";
export { type Trace, type TraceEvent, traceTo } from "./trace.ts";
