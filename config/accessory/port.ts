import { z } from "zod";
import type { HostPort } from "../../core/container/host-port.ts";
import { isPrivateAddress } from "../../core/private-range.ts";
import { isLoopback } from "../../core/range.ts";
import { EVERYWHERE, overlap, resolveHostPort } from "../container/host-port.ts";
import { isIP, quoted } from "../schema/name.ts";
import { portNumber } from "../schema/port.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field } from "../schema/section.ts";

/** Where an accessory listens on its host. */
export const ACCESSORY_PORT = {
  port: field(z.union([portNumber, z.string()]), {
    is: "The port of the host that leads to it: `5432` or `host port:container port`, optionally with an address before it. Without an address it listens on 127.0.0.1 only. Containers on the same host do not need it: they reach the accessory by name.",
    otherwise: "not published",
    refused: "a public address without public: true; a port that something else on the host uses",
    example: "10.0.0.5:5432:5432",
  }),
  public: field(z.boolean(), {
    is: "Whether the port is reachable from outside: without an address in port, it listens on all addresses.",
    default: false,
    refused: "without port or options.publish; with loopback addresses alone",
    example: true,
  }),
};

export interface AccessoryPort {
  readonly publish: HostPort | undefined;
  readonly containerPort: number | undefined;
}

interface PortInput {
  readonly port?: number | string | undefined;
  readonly public?: boolean | undefined;
}

/**
 * @param usual the port of the preset's server inside the container
 * @param more what `options.publish` publishes besides
 */
export function resolveAccessoryPort(
  { port, public: isPublic = false }: PortInput,
  usual: number | undefined,
  more: readonly HostPort[],
  place: ConfigPath,
): AccessoryPort {
  for (const { ip, hostPort } of more)
    if (!isPublic && isOpen(ip)) place.at("options", "publish").refuse(opens(`${ip}:${hostPort}`));
  if (port === undefined) {
    if (isPublic && more.length === 0) place.at("public").refuse("needs port: the port of the host");
    return { publish: undefined, containerPort: usual };
  }
  const text = String(port);
  const written = /^(\d+)(\/\w+)?$/.test(text) ? text.replace(/^\d+/, (one) => `${one}:${one}`) : text;
  const isBare = /^\d+:\d+(\/\w+)?$/.test(written);
  const here = place.at("port");
  const publish = resolveHostPort(isBare && isPublic ? `0.0.0.0:${written}` : written, here);
  if (isPublic && isLoopback(publish.ip) && !more.some(({ ip }) => isOpen(ip)))
    place.at("public").refuse(`not allowed: ${publish.ip} is loopback`);
  if (!isPublic && isOpen(publish.ip)) here.refuse(opens(text));
  if (more.some((other) => overlap(publish, other)))
    place.at("options", "publish").refuse(`the host port ${publish.hostPort}/${publish.protocol} is that of port already`);
  return { publish, containerPort: publish.containerPort };
}

const opens = (port: string) => `${quoted(port)} is reachable from outside: add public: true, or use a private address`;

const isOpen = (address: string): boolean => isIP(address) !== 0 && (EVERYWHERE.has(address) || !isPrivateAddress(address));
