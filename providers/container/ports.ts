import { isSameAddress } from "../../core/address.ts";
import type { HostPort } from "../../core/container/host-port.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { addressIn, type Container, type Host, listenerIn } from "../../hosts/index.ts";

type Published = Pick<Container, "name" | "image" | "ports">;

/**
 * Throws if a port that a container is about to publish is in use by anything but the containers that it replaces. Docker says so only
 * when it starts the new one, after the old one was stopped.
 *
 * @param isReplaced whether a container is stopped before, so that its ports are free then
 */
export async function requireFreePorts(
  wanted: readonly HostPort[],
  host: Host,
  isReplaced: (container: Container) => boolean,
  keyOf: string,
): Promise<void> {
  if (wanted.length === 0) return;
  const [running, sockets] = await Promise.all([host.docker.running(), listSockets(host)]);
  const replaced = running.filter(isReplaced);
  const others = running.filter((container) => !replaced.includes(container));
  const [taken] = portsInUse(wanted, replaced, others, sockets);
  if (taken === undefined) return;
  const { port, by } = taken;
  throw new SlipwayError({
    code: "PORT_TAKEN",
    what: `port ${port.hostPort}/${port.protocol} is in use: ${by}`,
    host: host.name,
    servesNow: NOTHING_TOUCHED,
    next: `free it on ${host.name}, or choose another one in ${keyOf}, then run pulumi up again`,
  });
}

/** Lines of `ss` by protocol; none where it is not installed. */
async function listSockets(host: Host): Promise<Record<HostPort["protocol"], readonly string[]>> {
  const lines = async (options: string) => {
    const { code, stdout } = await host.run(["ss", options]);
    return code === 0 ? stdout.split("\n") : [];
  };
  const [tcp, udp] = await Promise.all([lines("-Hltnp"), lines("-Hlunp")]);
  return { tcp, udp };
}

/** Which ports are in use, and by what. Pure. */
export function portsInUse(
  wanted: readonly HostPort[],
  replaced: readonly Published[],
  others: readonly Published[],
  sockets: Readonly<Record<HostPort["protocol"], readonly string[]>>,
): { port: HostPort; by: string }[] {
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
