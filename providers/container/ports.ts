import { isSameAddress } from "../../core/address.ts";
import type { HostPort } from "../../core/container/host-port.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { HostName } from "../../core/words.ts";
import { addressIn, type Container, type Host, listenerIn } from "../../hosts/index.ts";

type Published = Pick<Container, "name" | "image" | "ports">;

/** The ports that a container of one declaration publishes. */
export interface PortClaim {
  readonly ports: readonly HostPort[];
  /** Whether a container is stopped before, so that its ports are free then. */
  readonly isReplaced: (container: Container) => boolean;
  /** Where they are declared: `slipway:servers.web.options.publish`. */
  readonly keyOf: string;
}

/** What of a host is asked. */
type Asked = Pick<Host, "name" | "run"> & { readonly docker: Pick<Host["docker"], "running"> };

/**
 * Throws if a port that a container is about to publish is in use by anything but the containers that it replaces. Docker says so only
 * when it starts the new one, after the old one was stopped. The host is asked once for all claims.
 */
export async function requireFreePorts(host: Asked, claims: readonly PortClaim[]): Promise<void> {
  const wanted = claims.filter(({ ports }) => ports.length > 0);
  if (wanted.length === 0) return;
  const [running, sockets] = await Promise.all([host.docker.running(), listSockets(host)]);
  for (const { ports, isReplaced, keyOf } of wanted) {
    const replaced = running.filter(isReplaced);
    const others = running.filter((container) => !replaced.includes(container));
    const [taken] = portsInUse(ports, replaced, others, sockets);
    if (taken !== undefined) throw portTaken(host.name, taken, keyOf);
  }
}

const portTaken = (host: HostName, { port, by }: PortInUse, keyOf: string): SlipwayError =>
  new SlipwayError({
    code: "PORT_TAKEN",
    what: `port ${port.hostPort}/${port.protocol} is in use: ${by}`,
    host,
    servesNow: NOTHING_TOUCHED,
    next: `free it on ${host}, or choose another one in ${keyOf}, then run pulumi up again`,
  });

/** Lines of `ss` by protocol; none where it is not installed. */
async function listSockets(host: Asked): Promise<Record<HostPort["protocol"], readonly string[]>> {
  const lines = async (options: string) => {
    const { code, stdout } = await host.run(["ss", options]);
    return code === 0 ? stdout.split("\n") : [];
  };
  const [tcp, udp] = await Promise.all([lines("-Hltnp"), lines("-Hlunp")]);
  return { tcp, udp };
}

interface PortInUse {
  readonly port: HostPort;
  readonly by: string;
}

/** Which ports are in use, and by what. Pure. */
export function portsInUse(
  wanted: readonly HostPort[],
  replaced: readonly Published[],
  others: readonly Published[],
  sockets: Readonly<Record<HostPort["protocol"], readonly string[]>>,
): PortInUse[] {
  return wanted.flatMap((port) => {
    const publishes = ({ ports }: Published) =>
      ports.some(
        ({ protocol, hostPort, hostIp }) => protocol === port.protocol && hostPort === port.hostPort && areOne(hostIp, port.ip),
      );
    const other = others.find(publishes);
    if (other !== undefined) return [{ port, by: `the container ${other.name} (${other.image}) publishes it` }];
    // Docker itself listens on the ports of a container.
    if (replaced.some(publishes)) return [];
    const socket = sockets[port.protocol].find((line) => {
      const found = addressIn(line);
      return found !== undefined && found.port === port.hostPort && areOne(found.address, port.ip);
    });
    if (socket === undefined) return [];
    const process = listenerIn(socket);
    return [{ port, by: process === undefined ? "a process on the host" : `process ${process.pid} (${process.name})` }];
  });
}

/** `ss` writes `*` for a socket of both versions of IP, and Docker nothing. */
const BOTH: ReadonlySet<string> = new Set(["", "*"]);
const ALL: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Whether what listens at one address keeps the port from the other. */
function areOne(a: string, b: string): boolean {
  if (BOTH.has(a) || BOTH.has(b)) return true;
  return a.includes(":") === b.includes(":") && (isSameAddress(a, b) || ALL.has(a) || ALL.has(b));
}
