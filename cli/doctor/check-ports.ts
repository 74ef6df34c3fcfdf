import type { Config } from "../../config/index.ts";
import { KAMAL_PROXY } from "../../hosts/index.ts";
import type { CheckResult } from "./check-result.ts";
import type { Listener, Published, ReachedHost } from "./facts.ts";

/** The ports of the proxy; no result for a host that serves no HTTP, or is behind another load balancer. */
export function checkPorts(facts: ReachedHost, { roles, proxyRun }: Pick<Config, "roles" | "proxyRun">): CheckResult[] {
  const { host, machine, published } = facts;
  const isProxied = roles.some(({ proxy, hosts }) => proxy !== undefined && hosts.includes(host.name));
  if (!isProxied || !proxyRun.publish) return [];
  const listeners = machine.kind === "known" ? machine.value.listeners : undefined;
  const containers = published.kind === "known" ? published.value : [];
  const wanted = [
    { port: proxyRun.httpPort, key: "http_port" },
    { port: proxyRun.httpsPort, key: "https_port" },
  ];
  const held = wanted.map(({ port, key }) => ({
    port,
    key,
    by: holderOf(port, proxyRun.bindIps, containers, listeners ?? []),
  }));
  const stranger = held.find(({ by }) => by !== undefined && by !== OURS);
  const ports = wanted.map(({ port }) => port).join(", ");
  if (stranger !== undefined)
    return [
      {
        check: "ports",
        result: "wrong",
        found: `kamal-proxy cannot bind port ${stranger.port}: ${stranger.by}`,
        next: `${stranger.by === SOMETHING ? `find out what uses it (sudo ss -ltnp 'sport = :${stranger.port}'), ` : ""}free port ${stranger.port} on ${host.name}, or set slipway:proxy.run.${stranger.key}`,
      },
    ];
  if (held.every(({ by }) => by === OURS)) return [{ check: "ports", result: "fine", found: `kamal-proxy uses ${ports}` }];
  const unasked = published.kind === "unknown" ? published.why : listeners === undefined ? "ss is not installed" : undefined;
  if (unasked === undefined) return [{ check: "ports", result: "fine", found: `${ports} ${describe(held)}` }];
  return [
    {
      check: "ports",
      result: "warning",
      found: `unknown whether ${ports} are free: ${unasked}`,
      next: `on ${host.name}: ss -ltnp`,
    },
  ];
}

const OURS = "kamal-proxy";
/** Only root can see the processes of other users. */
const SOMETHING = "a process on the host uses it";

const describe = (held: readonly { readonly by: string | undefined }[]): string =>
  held.some(({ by }) => by === OURS) ? "free, or kamal-proxy's" : "free";

/** What uses a port on the addresses of the proxy. */
function holderOf(
  port: number,
  bindIps: readonly string[],
  containers: readonly Published[],
  listeners: readonly Listener[],
): string | undefined {
  const inTheWay = (at: { readonly address: string; readonly port: number }) =>
    at.port === port && (bindIps.length === 0 || isAny(at.address) || bindIps.includes(at.address));
  const container = containers.find(inTheWay);
  if (container?.container === KAMAL_PROXY.container) return OURS;
  if (container !== undefined) return `the container ${container.container} (${container.image}) uses it`;
  const listener = listeners.find(inTheWay);
  if (listener === undefined) return undefined;
  const { process } = listener;
  return process === undefined ? SOMETHING : `process ${process.pid} (${process.name}) uses it`;
}

/** Docker leaves the address empty for all addresses; `*` means both IP versions. */
const isAny = (address: string): boolean => ["", "*", "0.0.0.0", "::"].includes(address);
