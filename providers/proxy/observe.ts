import { type Container, type Host, KAMAL_PROXY } from "../../hosts/index.ts";
import { orUnreachable } from "../steps/finding.ts";
import type { FoundProxy } from "./inputs.ts";

const DOCKER_LOG_SIZE = "unlimited";
/** The image's own command; what follows are options. */
const COMMAND = ["kamal-proxy", "run"] as const;

/** Throws when the host is unreachable. */
export async function observeProxy(host: Host): Promise<FoundProxy> {
  const [container, network] = await Promise.all([
    host.docker.inspect(KAMAL_PROXY.container),
    host.docker.network(KAMAL_PROXY.network).then((found) => found !== undefined),
  ]);
  return container === undefined ? { kind: "missing", network } : foundOf(container, network);
}

export const readProxy = (host: Host): Promise<FoundProxy> => orUnreachable(host.name, () => observeProxy(host));

function foundOf({ id, image, ports, command, logConfig, state }: Container, network: boolean): FoundProxy {
  return {
    kind: "present",
    id,
    network,
    image,
    publish: [...new Set(ports.map(portText))].sort(),
    options: command.slice(COMMAND.length),
    logMaxSize: logConfig.options["max-size"] ?? DOCKER_LOG_SIZE,
    status: state.status === "exited" ? `stopped with code ${state.exitCode}` : state.status,
  };
}

const EVERY_ADDRESS = new Set(["", "0.0.0.0", "::"]);

/** `80:80`, or `203.0.113.7:80:80` when bound to one address. */
function portText({ hostIp, hostPort, container, protocol }: Container["ports"][number]): string {
  const address = EVERY_ADDRESS.has(hostIp) ? "" : `${hostIp}:`;
  return `${address}${hostPort}:${container}${protocol === "tcp" ? "" : `/${protocol}`}`;
}
