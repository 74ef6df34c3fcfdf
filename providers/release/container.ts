import { written } from "../../core/written.ts";
import { type CreateBody, KAMAL_PROXY } from "../../hosts/index.ts";
import { type ContainerOptions, type Mount, type Place, prefixOf, type ReleaseInputs } from "./inputs.ts";

type HostConfig = NonNullable<CreateBody["HostConfig"]>;

/**
 * The container of one place, as the Engine API takes it. It starts without a restart policy: a candidate that exits must stay
 * where it fell, to be seen at once; the policy is set when it is healthy.
 */
export function containerBody(inputs: ReleaseInputs, place: Place): CreateBody {
  const { spec } = place;
  const { options } = spec;
  return {
    Image: place.image,
    ...written({
      Entrypoint: options.entrypoint,
      Cmd: spec.command,
      User: options.user,
      WorkingDir: options.workdir,
      StopSignal: options.stopSignal,
      ExposedPorts: options.publish && Object.fromEntries(options.publish.map((port) => [portOf(port), {}])),
    }),
    Env: environment(inputs, place),
    Labels: labels(inputs, place),
    // For whoever stops it without us: a reboot, a person.
    StopTimeout: spec.stopTimeout,
    HostConfig: hostConfig(inputs, place),
  };
}

const labels = (inputs: ReleaseInputs, { spec, role, release, replica }: Place): Record<string, string> => ({
  ...spec.labels,
  service: inputs.service,
  role,
  destination: inputs.destination ?? "",
  "slipway.release": release,
  "slipway.spec": release.slice(-8),
  "slipway.stack": inputs.stack,
  ...(replica === 1 ? {} : { "slipway.replica": String(replica) }),
});

function hostConfig(inputs: ReleaseInputs, place: Place): HostConfig {
  const { options, logging } = place.spec;
  return {
    RestartPolicy: { Name: "no" },
    NetworkMode: KAMAL_PROXY.network,
    Binds: mountsOf(inputs, place).map(bind),
    LogConfig: { Type: logging.driver, Config: logging.options },
    Memory: updatable(options).memory,
    NanoCpus: updatable(options).nanoCpus,
    CapAdd: options.capAdd,
    CapDrop: options.capDrop,
    ReadonlyRootfs: options.readOnly,
    Tmpfs: options.tmpfs,
    ExtraHosts: options.addHost,
    Ulimits: options.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    ...written({
      MemorySwap: options.memorySwap,
      MemoryReservation: options.memoryReservation,
      CpuShares: options.cpuShares,
      PidsLimit: options.pidsLimit,
      OomScoreAdj: options.oomScoreAdj,
      ShmSize: options.shmSize,
      PortBindings: options.publish && portBindings(options.publish),
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
    }),
  };
}

export const BILLION = 1e9;

/** What Docker can set on a container that runs. The restart policy comes when a candidate is healthy. */
export const updatable = ({ restart, memory = 0, memorySwap, cpus = 0 }: ContainerOptions) => ({
  restart,
  memory,
  ...written({ memorySwap }),
  nanoCpus: Math.round(cpus * BILLION),
});

/** Secrets enter a container here and nowhere else. The KAMAL_ names are what apps that moved from Kamal read. */
function environment(inputs: ReleaseInputs, { host, container, version, spec }: Place): string[] {
  const secret = Object.entries(spec.secretEnv).map(([name, source]) => [name, inputs.secrets[source] ?? ""]);
  const own = {
    KAMAL_CONTAINER_NAME: container,
    KAMAL_VERSION: version,
    KAMAL_HOST: host,
    ...(inputs.destination === undefined ? {} : { KAMAL_DESTINATION: inputs.destination }),
  };
  return Object.entries({ ...own, ...spec.env, ...Object.fromEntries(secret) }).map(([name, value]) => `${name}=${value}`);
}

/** The volume with the assets of one release and of those around it. */
export const assetVolume = (
  inputs: Pick<ReleaseInputs, "service" | "destination">,
  { role, release }: Pick<Place, "role" | "release">,
): string => `${prefixOf(inputs, role)}-assets-${release}`;

function mountsOf(inputs: ReleaseInputs, place: Place): Mount[] {
  const { mounts, assets } = place.spec;
  if (assets === undefined) return mounts;
  const { path, relabel } = assets;
  return [...mounts, { source: assetVolume(inputs, place), target: path, readOnly: true, ...written({ relabel }) }];
}

/** As `docker run --volume` takes it: a folder that is not there yet is made, as Kamal's users know it. */
function bind({ source, target, readOnly, relabel }: Mount): string {
  const options = [...(readOnly ? ["ro"] : []), ...(relabel === undefined ? [] : [relabel])];
  return [source, target, ...(options.length === 0 ? [] : [options.join(",")])].join(":");
}

type HostPort = NonNullable<ContainerOptions["publish"]>[number];

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

/** As `docker run --gpus` asks for them; -1 is all. */
const gpuRequest = (gpus: number | "all") => ({ Count: gpus === "all" ? -1 : gpus, Capabilities: [["gpu"]] });
