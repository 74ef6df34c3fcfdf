import type { HostPort } from "../../core/container/host-port.ts";
import type { Logging } from "../../core/container/logging.ts";
import type { Mount } from "../../core/container/mount.ts";
import type { ContainerOptions } from "../../core/container/options.ts";
import { omitUndefined } from "../../core/values.ts";
import type { CreateBody } from "../../hosts/index.ts";
import { BILLION } from "./limits.ts";

type HostConfig = NonNullable<CreateBody["HostConfig"]>;

/** What makes up a container besides its environment and labels. */
export interface ContainerParts {
  /** A reference, or an id. */
  readonly image: string;
  readonly command: readonly string[] | undefined;
  readonly options: ContainerOptions;
  readonly publish: readonly HostPort[] | undefined;
  readonly mounts: readonly Mount[];
  readonly logging: Logging;
  readonly network: string;
  /** Used when Docker or a user stops it, for example at a reboot. */
  readonly stopTimeout: number;
}

/**
 * The request body that creates a container. Without a restart policy: a candidate that exits must stay down, so that the failure is
 * noticed at once. The policy is set when it is healthy.
 */
export function bodyOf({ image, command, options, publish, stopTimeout, ...parts }: ContainerParts): CreateBody {
  return {
    Image: image,
    ...omitUndefined({
      Entrypoint: options.entrypoint,
      Cmd: command && [...command],
      User: options.user,
      WorkingDir: options.workdir,
      Hostname: options.hostname,
      StopSignal: options.stopSignal,
      Healthcheck: options.noHealthcheck && { Test: ["NONE"] },
      ExposedPorts: publish && Object.fromEntries(publish.map((port) => [portOf(port), {}])),
    }),
    StopTimeout: stopTimeout,
    HostConfig: hostConfig({ ...parts, options, publish }),
    ...networking(parts.network, options),
  };
}

/** The networks that it is in, where these are more than one, or where it has names of its own in them. */
function networking(own: string, { networks = [], networkAliases = [] }: ContainerOptions): Pick<CreateBody, "NetworkingConfig"> {
  if (networks.length + networkAliases.length === 0) return {};
  const endpoint = () => (networkAliases.length === 0 ? {} : { Aliases: [...networkAliases] });
  return { NetworkingConfig: { EndpointsConfig: Object.fromEntries([own, ...networks].map((name) => [name, endpoint()])) } };
}

/** Of a container that works beside those that others look for by these names. */
export function withoutAliases(body: CreateBody): CreateBody {
  const { NetworkingConfig, ...rest } = body;
  const names = Object.keys(NetworkingConfig?.EndpointsConfig ?? {});
  if (names.length < 2) return rest;
  return { ...rest, NetworkingConfig: { EndpointsConfig: Object.fromEntries(names.map((name) => [name, {}])) } };
}

function hostConfig({
  options,
  publish,
  mounts,
  logging,
  network,
}: Omit<ContainerParts, "image" | "command" | "stopTimeout">): HostConfig {
  return {
    RestartPolicy: { Name: "no" },
    NetworkMode: options.hostNetwork ? "host" : network,
    Binds: mounts.map(bind),
    LogConfig: { Type: logging.driver, Config: { ...logging.options } },
    Memory: updatable(options).memory,
    NanoCpus: updatable(options).nanoCpus,
    CapAdd: options.capAdd,
    CapDrop: options.capDrop,
    ReadonlyRootfs: options.readOnly,
    Tmpfs: options.tmpfs,
    ExtraHosts: options.addHost,
    Ulimits: options.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    ...omitUndefined({
      MemorySwap: options.memorySwap,
      MemoryReservation: options.memoryReservation,
      CpuShares: options.cpuShares,
      PidsLimit: options.pidsLimit,
      OomScoreAdj: options.oomScoreAdj,
      ShmSize: options.shmSize,
      PortBindings: publish && portBindings(publish),
      Devices: options.devices?.map(deviceMapping),
      DeviceRequests: options.gpus === undefined ? undefined : [gpuRequest(options.gpus)],
      Privileged: options.privileged,
      SecurityOpt: options.securityOpt,
      Sysctls: options.sysctls,
      IpcMode: options.ipc,
      PidMode: options.pid,
      Dns: options.dns,
      Init: options.init,
      GroupAdd: options.groupAdd,
      UsernsMode: options.userns,
      Runtime: options.runtime,
    }),
  };
}

/** What Docker can change on a running container. */
export const updatable = ({ restart, memory = 0, memorySwap, cpus = 0 }: ContainerOptions) => ({
  restart,
  memory,
  ...omitUndefined({ memorySwap }),
  nanoCpus: Math.round(cpus * BILLION),
});

/** As for `docker run --volume`: Docker creates a missing folder, which users of Kamal rely on. */
function bind({ source, target, readOnly, relabel }: Mount): string {
  const options = [...(readOnly ? ["ro"] : []), ...(relabel === undefined ? [] : [relabel])];
  return [source, target, ...(options.length === 0 ? [] : [options.join(",")])].join(":");
}

const portOf = ({ containerPort, protocol }: HostPort): string => `${containerPort}/${protocol}`;

/** One port of the container may be published several times. */
function portBindings(ports: readonly HostPort[]): NonNullable<HostConfig["PortBindings"]> {
  const of = (port: string) =>
    ports.filter((one) => portOf(one) === port).map(({ ip, hostPort }) => ({ HostIp: ip, HostPort: String(hostPort) }));
  return Object.fromEntries(ports.map((port) => [portOf(port), of(portOf(port))]));
}

const deviceMapping = ({ source, target, permissions }: NonNullable<ContainerOptions["devices"]>[number]) => ({
  PathOnHost: source,
  PathInContainer: target,
  CgroupPermissions: permissions,
});

/** As `docker run --gpus` requests them; -1 is all. */
const gpuRequest = (gpus: number | "all") => ({ Count: gpus === "all" ? -1 : gpus, Capabilities: [["gpu"]] });
