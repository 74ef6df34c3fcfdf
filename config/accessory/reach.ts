import type { HostPort } from "../../core/container/host-port.ts";
import type { ContainerOptions } from "../../core/container/options.ts";
import { isLoopback } from "../../core/range.ts";
import type { HostName } from "../../core/words.ts";
import { EVERYWHERE } from "../container/host-port.ts";
import type { Host } from "../hosts/host.ts";
import type { Accessory } from "./accessory.ts";

/** A container that connects to an accessory. */
export interface Client {
  readonly host: HostName;
  /** Those that it is in. */
  readonly networks: Networks;
}

/** The Docker networks that a container is in, or that of its host alone. */
export type Networks = readonly string[] | "of the host";

/** @param own of an accessory; undefined: `kamal`, as for all of an app */
export const networksOf = (own: string | undefined, { hostNetwork, networks = [] }: ContainerOptions): Networks =>
  hostNetwork === true ? "of the host" : [own ?? "kamal", ...networks];

const share = (a: Networks, b: Networks): boolean =>
  a !== "of the host" && b !== "of the host" && a.some((network) => b.includes(network));

/** Whether and where a client reaches an accessory. */
export type Reach =
  | {
      readonly kind: "reached";
      /** The accessory's host of those that it has. */
      readonly on: HostName;
      /** The container's name on that host, a published address from others. */
      readonly host: string;
      /** undefined: the config does not say on which port the image listens. */
      readonly port: number | undefined;
    }
  | { readonly kind: "unreachable"; readonly because: string };

/** What references in environments are replaced by, and what the outputs of an accessory are: there is one answer. */
export function reachOf(target: Accessory, client: Client, hosts: ReadonlyMap<HostName, Host>): Reach {
  const { name, network, options, publish, containerPort } = target;
  const on = hostFor(target, client);
  if (on === undefined)
    return unreachable(
      `${name} runs on ${target.hosts.join(", ")}, but not on ${client.host}: write the address of one of these`,
    );
  if (on === client.host && share(networksOf(network, options), client.networks))
    return { kind: "reached", on, host: target.container, port: containerPort };
  if (on === client.host && client.networks === "of the host" && publish !== undefined)
    return { kind: "reached", on, host: ownAddress(publish) ?? LOOPBACK, port: publish.hostPort };
  const there = on === client.host ? `is in a different Docker network on ${on}` : `runs on ${on}`;
  if (publish === undefined || !isReachable(publish)) {
    const listens = publish === undefined ? "is not published" : "listens on loopback only";
    const port = containerPort ?? "<port>";
    const fix = `set slipway:accessories.${name}.port: <private address of ${on}>:${publish?.hostPort ?? port}:${port}`;
    return unreachable(`${name} ${there} and ${listens}, so ${client.host} cannot reach it: ${fix}`);
  }
  const address = ownAddress(publish) ?? addressOf(hosts.get(on));
  if (address !== undefined) return { kind: "reached", on, host: address, port: publish.hostPort };
  return unreachable(`${name} ${there}, whose address is unknown until it is created: put both on the same host`);
}

const LOOPBACK = "127.0.0.1";

/** Whether other machines reach it. */
export const isReachable = ({ ip }: HostPort): boolean => !isLoopback(ip);

/** The address that the config names; undefined: every address of its host. */
export const ownAddress = ({ ip }: HostPort): string | undefined => (EVERYWHERE.has(ip) ? undefined : ip);

/** The accessory on the client's own host, else the only one. */
function hostFor({ hosts }: Accessory, client: Client): HostName | undefined {
  if (hosts.includes(client.host)) return client.host;
  return hosts.length === 1 ? hosts[0] : undefined;
}

const addressOf = (host: Host | undefined): string | undefined =>
  host?.madeAt === undefined ? (host?.address ?? "") : undefined;

const unreachable = (because: string): Reach => ({ kind: "unreachable", because });
