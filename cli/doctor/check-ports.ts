import type { Config } from "../../config/index.ts";
import { KAMAL_PROXY } from "../../hosts/index.ts";
import type { CheckResult } from "./check-result.ts";
import type { Listener, Published, ReachedHost } from "./facts.ts";

/** The ports that the proxy of this host is to have; none on a host that serves no HTTP, or behind somebody else's proxy. */
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
        found: `kamal-proxy cannot have port ${stranger.port}: ${stranger.by}`,
        next: `${stranger.by === SOMETHING ? `see whose it is (sudo ss -ltnp 'sport = :${stranger.port}'), ` : ""}free port ${stranger.port} on ${host.name}, or set slipway:proxy.run.${stranger.key}`,
      },
    ];
  if (held.every(({ by }) => by === OURS)) return [{ check: "ports", result: "fine", found: `kamal-proxy has ${ports}` }];
  const unasked = published.kind === "unknown" ? published.why : listeners === undefined ? "no ss to ask" : undefined;
  if (unasked === undefined) return [{ check: "ports", result: "fine", found: `${ports} ${describe(held)}` }];
  return [
    {
      check: "ports",
      result: "warning",
      found: `whether ${ports} are free could not be asked: ${unasked}`,
      next: `on ${host.name}: ss -ltnp`,
    },
  ];
}

const OURS = "kamal-proxy";
/** Linux shows the processes of others to root alone. */
const SOMETHING = "something on the host uses it";

const describe = (held: readonly { readonly by: string | undefined }[]): string =>
  held.some(({ by }) => by === OURS) ? "free, or kamal-proxy's" : "free";

/** Who has a port on the addresses that the proxy wants it on. */
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

/** Docker writes none for all addresses; `*` is both families. */
const isAny = (address: string): boolean => ["", "*", "0.0.0.0", "::"].includes(address);
