import { isSameAddress } from "../../core/address.ts";
import type { HostPort } from "../../core/container/host-port.ts";
import { isIP, quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

/** A port is public only if the config says so. */
const LOOPBACK = "127.0.0.1";
const FORM = /^(?:\[([0-9a-f:.]+)\]:|([0-9.]+):)?(\d{1,5}):(\d{1,5})(?:\/(tcp|udp))?$/i;

/** @example resolvePublish(["0.0.0.0:25:2525", "53:53/udp"], place) */
export function resolvePublish(texts: readonly string[] | undefined, place: ConfigPath): HostPort[] | undefined {
  const ports = texts?.map((text) => resolveHostPort(text, place));
  ports?.forEach((port, at) => {
    if (ports.slice(0, at).some((other) => other.hostPort > 0 && overlap(port, other)))
      place.refuse(`the host port ${port.hostPort}/${port.protocol} is published twice`);
  });
  return ports;
}

/** @example resolveHostPort("10.0.0.5:5432:5432", place) */
export function resolveHostPort(text: string, place: ConfigPath): HostPort {
  const [, ipv6, ip = ipv6 ?? LOOPBACK, host, container, protocol = "tcp"] = FORM.exec(text) ?? [];
  const [hostPort, containerPort] = [Number(host ?? 0), Number(container ?? 0)];
  if (host === undefined) place.refuse(`${quoted(text)} is not [ip:]hostPort:containerPort[/tcp|udp]`);
  else if (isIP(ip) === 0) place.refuse(`${quoted(ip)} is not an IP address`);
  else if (![hostPort, containerPort].every((port) => port >= 1 && port <= 65535))
    place.refuse(`${quoted(text)}: a port is a number from 1 to 65535`);
  return { ip, hostPort, containerPort, protocol: protocol.toLowerCase() === "udp" ? "udp" : "tcp" };
}

/** Where a port listens, without its target. */
export type Listener = Omit<HostPort, "containerPort">;

/** Addresses that mean every address. */
export const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Whether the two conflict on one host. */
export const overlap = (a: Listener, b: Listener): boolean =>
  a.hostPort === b.hostPort &&
  a.protocol === b.protocol &&
  (isSameAddress(a.ip, b.ip) || EVERYWHERE.has(a.ip) || EVERYWHERE.has(b.ip));
