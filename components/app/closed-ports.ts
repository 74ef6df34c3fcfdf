import type { Config } from "../../config/index.ts";
import { publishedPorts } from "../../core/container/host-port.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { isLoopback } from "../../core/range.ts";
import type { HostName } from "../../core/words.ts";
import type { Server } from "../server/server.ts";

/**
 * A firewall is its server's, and an app does not open it: what it publishes has to be listed there.
 *
 * @param who what publishes: `the app shop`
 */
export function closedPorts(
  who: string,
  { roles, accessories }: Config,
  servers: ReadonlyMap<HostName, Pick<Server, "open">>,
): SlipwayError | undefined {
  const published = [
    ...roles.flatMap(({ name, hosts, options }) => hosts.map((host) => ({ name, host, ports: options.publish ?? [] }))),
    ...accessories.flatMap(({ name, hosts, ...ports }) => hosts.map((host) => ({ name, host, ports: publishedPorts(ports) }))),
  ];
  const closed = published.flatMap(({ name, host, ports }) => {
    const open = servers.get(host)?.open;
    if (open === undefined) return [];
    const own = ports.filter(({ ip }) => !isLoopback(ip));
    return own
      .filter(({ hostPort, protocol }) => !open.some((one) => one.port === hostPort && one.protocol === protocol))
      .map(({ hostPort, protocol }) => `${name} publishes ${hostPort}/${protocol} on ${host}`);
  });
  if (closed.length === 0) return undefined;
  return new SlipwayError({
    code: "CONFIG_INVALID",
    what: `the firewall of a server closes what ${who} publishes`,
    evidence: closed,
    servesNow: NOTHING_TOUCHED,
    next: "list the port in the server's arguments: firewall: { allow: [{ port: 5432 }] }",
  });
}
