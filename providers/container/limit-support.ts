import type { ContainerOptions } from "../../core/container/options.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Host } from "../../hosts/index.ts";

type Wanted = Pick<ContainerOptions, "memory" | "cpus" | "pidsLimit">;

/** Which limits the kernel of a host enforces, as its Docker says. */
export interface LimitSupport {
  readonly memory: boolean;
  readonly cpus: boolean;
  readonly pids: boolean;
}

interface Unsupported {
  /** Of `options`. */
  readonly key: string;
  /** The controller of cgroups that the kernel lacks. */
  readonly controller: string;
}

/** The declared limits that a host cannot enforce. Docker drops these with a warning that only its log has, and starts the container. */
export function unsupportedLimits({ memory, cpus, pidsLimit }: Wanted, supports: LimitSupport): Unsupported[] {
  return [
    ...(memory !== undefined && !supports.memory ? [{ key: "memory", controller: "memory" }] : []),
    ...(cpus !== undefined && !supports.cpus ? [{ key: "cpus", controller: "cpu" }] : []),
    ...(pidsLimit !== undefined && pidsLimit > 0 && !supports.pids ? [{ key: "pids_limit", controller: "pids" }] : []),
  ];
}

/**
 * Throws if a declared limit cannot be enforced on a host: the container would run without it, and never be as declared.
 *
 * @param keyOf the config key of the options: `slipway:servers.web.options`
 * @param ask what its Docker says of itself
 */
export async function requireLimitSupport(
  options: Wanted,
  host: Host,
  keyOf: string,
  ask: () => Promise<{ readonly supports: LimitSupport }> = () => host.docker.info(),
): Promise<void> {
  if (options.memory === undefined && options.cpus === undefined && options.pidsLimit === undefined) return;
  const lacking = unsupportedLimits(options, (await ask()).supports);
  const [first] = lacking;
  if (first === undefined) return;
  throw new SlipwayError({
    code: "DOCKER_UNAVAILABLE",
    what: `the kernel cannot enforce ${lacking.map(({ key }) => `${keyOf}.${key}`).join(", ")}`,
    host: host.name,
    evidence: lacking.map(({ controller }) => `its Docker has no support for limits of the cgroup controller ${controller}`),
    servesNow: NOTHING_TOUCHED,
    next:
      first.controller === "memory"
        ? `add cgroup_enable=memory to the kernel's command line on ${host.name} and reboot it, or remove ${keyOf}.memory`
        : `enable the controller in the kernel of ${host.name} (docker info shows what is missing), or remove ${keyOf}.${first.key}`,
  });
}
