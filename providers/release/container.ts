import { type CreateBody, KAMAL_PROXY } from "../../hosts/index.ts";
import { type ContainerOptions, containerName, type Mount, type Place, type ReleaseInputs } from "./inputs.ts";

/**
 * The container of one place, as the Engine API takes it. It starts without a restart policy: a candidate that exits must stay
 * where it fell, to be seen at once; the policy is set when it is healthy.
 */
export function containerBody(inputs: ReleaseInputs, place: Place): CreateBody {
  const { spec, role, release } = place;
  const { options, logging } = spec;
  return {
    Image: inputs.image,
    ...(spec.command === undefined ? {} : { Cmd: spec.command }),
    ...(options.user === undefined ? {} : { User: options.user }),
    ...(options.workdir === undefined ? {} : { WorkingDir: options.workdir }),
    Env: environment(inputs, place),
    Labels: {
      ...spec.labels,
      service: inputs.service,
      role,
      destination: inputs.destination ?? "",
      "slipway.release": release,
      "slipway.spec": release.slice(-8),
      "slipway.stack": inputs.stack,
    },
    HostConfig: {
      RestartPolicy: { Name: "no" },
      NetworkMode: KAMAL_PROXY.network,
      Binds: spec.mounts.map(bind),
      LogConfig: { Type: logging.driver, Config: logging.options },
      Memory: updatable(options).memory,
      NanoCpus: updatable(options).nanoCpus,
      CapAdd: options.capAdd,
      CapDrop: options.capDrop,
      ReadonlyRootfs: options.readOnly,
      Tmpfs: options.tmpfs,
      ExtraHosts: options.addHost,
      Ulimits: options.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
      ...(options.shmSize === undefined ? {} : { ShmSize: options.shmSize }),
    },
  };
}

export const BILLION = 1e9;

/** What Docker can set on a container that runs. The restart policy comes when a candidate is healthy. */
export const updatable = ({ restart, memory = 0, cpus = 0 }: ContainerOptions) => ({
  restart,
  memory,
  nanoCpus: Math.round(cpus * BILLION),
});

/** Secrets enter a container here and nowhere else. The KAMAL_ names are what apps that moved from Kamal read. */
function environment(inputs: ReleaseInputs, { host, role, release, spec }: Place): string[] {
  const secret = Object.entries(spec.secretEnv).map(([name, source]) => [name, inputs.secrets[source] ?? ""]);
  const own = {
    KAMAL_CONTAINER_NAME: containerName(inputs, role, release),
    KAMAL_VERSION: inputs.version,
    KAMAL_HOST: host,
    ...(inputs.destination === undefined ? {} : { KAMAL_DESTINATION: inputs.destination }),
  };
  return Object.entries({ ...own, ...spec.env, ...Object.fromEntries(secret) }).map(([name, value]) => `${name}=${value}`);
}

/** As `docker run --volume` takes it: a folder that is not there yet is made, as Kamal's users know it. */
function bind({ source, target, readOnly, relabel }: Mount): string {
  const options = [...(readOnly ? ["ro"] : []), ...(relabel === undefined ? [] : [relabel])];
  return [source, target, ...(options.length === 0 ? [] : [options.join(",")])].join(":");
}
