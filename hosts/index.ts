export { type Access, type Jump, parseAccess } from "./access.ts";
export { Address } from "./address.ts";
export { ConnectionLost } from "./connection-lost.ts";
export { type Obstacle, Unreachable } from "./dial-error.ts";
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
export type { ArchiveEntry, ContainerFolder } from "./docker-archive.ts";
export type { Attached, AttachOptions, Size } from "./docker-attach.ts";
export type { LogLine, LogOptions } from "./docker-follow.ts";
export { Demultiplexer, printable } from "./docker-streams.ts";
export { DOCKER_SOCKET, DockerRefusal, DockerTrouble } from "./docker-trouble.ts";
export type { WriteOptions } from "./files.ts";
export { Host } from "./host.ts";
export { Hosts } from "./hosts.ts";
export { KamalProxy, ProxyRefused } from "./kamal-proxy.ts";
export type { ProxyTimeouts, RolloutShare } from "./kamal-proxy-arguments.ts";
export { KAMAL_PROXY } from "./kamal-proxy-place.ts";
export { type Rollout, type Route, type RouteState, routeDifferences } from "./kamal-proxy-route.ts";
export type { Lease, LeaseOptions } from "./lease.ts";
export type { Holder } from "./lease-holder.ts";
export { listenerIn } from "./listener.ts";
export { operator } from "./operator.ts";
export type { ProbeTarget } from "./probe.ts";
export type { Ran, RunOptions } from "./run.ts";
export { asRoot, needsRoot, SUDO, underRoot, wasRefusedRoot } from "./sudo.ts";
export { type Change, type Trace, type TraceEvent, traceTo } from "./trace.ts";
export type { TunnelEnd } from "./tunnel.ts";
