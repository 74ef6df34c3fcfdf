export { type AcquireAllOptions, acquireAll } from "./acquire-all.ts";
export type {
  Container,
  ContainerState,
  ContainerSummary,
  Distribution,
  Image,
  ImageSummary,
  Network,
  Spare,
  Volume,
} from "./docker/answers.ts";
export type { ArchiveEntry, ContainerFolder } from "./docker/archive.ts";
export type { Attached, AttachOptions, Size, Spawned } from "./docker/attach.ts";
export type { CreateBody } from "./docker/create-body.ts";
export { Docker } from "./docker/docker.ts";
export type { LogLine, LogOptions } from "./docker/follow.ts";
export type { PullOptions, PullProgress, RegistryAuth } from "./docker/images.ts";
export type { LabelFilter } from "./docker/labels.ts";
export { leavesStops } from "./docker/leaves-stops.ts";
export { DockerRefusal } from "./docker/refusal.ts";
export { DOCKER_SOCKET } from "./docker/socket.ts";
export { Demultiplexer } from "./docker/streams.ts";
export { DockerUnavailable } from "./docker/unavailable.ts";
export { Host } from "./host.ts";
export { describeFreeze, type Freeze, frozen, spanOf } from "./lease/freeze.ts";
export { describeHolders, type Holder, waitingText } from "./lease/holder.ts";
export type { Entry, Recorded } from "./lease/journal.ts";
export type { LeaseOptions } from "./lease/lease.ts";
export type { Lease } from "./lease/on-host.ts";
export type { LeaseScope } from "./lease/script.ts";
export { type Disk, diskOf, parseDf } from "./machine/disk.ts";
export { addressIn, type ListeningSocket, listenerIn, listeningIn } from "./machine/listener.ts";
export type { ProbeTarget } from "./machine/probe.ts";
export { asRoot, needsRoot, SUDO, underRoot, wasRefusedRoot } from "./machine/sudo.ts";
export type { TunnelEnd } from "./machine/tunnel.ts";
export type { WriteOptions } from "./machine/write-file.ts";
export { operator, stackIn } from "./operator.ts";
export { Hosts } from "./pool.ts";
export type { ProxyTimeouts, RolloutShare } from "./proxy/arguments.ts";
export { certificateRefusal, type ServedCertificate, servedCertificate } from "./proxy/certificate.ts";
export { KamalProxy, ProxyRefused } from "./proxy/kamal-proxy.ts";
export { KAMAL_PROXY } from "./proxy/names.ts";
export { type Rollout, type Route, type RouteState, routeDifferences } from "./proxy/route.ts";
export { type Access, type Jump, parseAccess, parseDestination } from "./ssh/access.ts";
export { Address, isSameMachine } from "./ssh/address.ts";
export { OutputTail } from "./ssh/bounded-output.ts";
export { ConnectionLost } from "./ssh/connection-lost.ts";
export { HostKeyRefused, type Obstacle, Unreachable } from "./ssh/dial-error.ts";
export { fingerprint, parsePin } from "./ssh/host-keys.ts";
export type { CommandResult, RunOptions } from "./ssh/run.ts";
export type { Outlet, StreamOptions } from "./ssh/stream.ts";
export { type Change, type Trace, type TraceEvent, traceTo } from "./ssh/trace.ts";
export type { Watch, Watched } from "./watch/watch.ts";
