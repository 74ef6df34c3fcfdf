import type { Config } from "../../config/index.ts";
import type { HostName } from "../../core/words.ts";
import { portsText, silenceIn } from "../../providers/exposure/inbound.ts";
import type { CheckResult } from "./check-result.ts";
import type { ReachedHost } from "./facts.ts";

/** The ports of a host at which visitors arrive; none where another load balancer is in front, or nothing is proxied. */
export function proxyPorts(host: HostName, { roles, proxyRun }: Pick<Config, "roles" | "proxyRun">): number[] {
  const routes = roles.flatMap(({ proxy, hosts, on }) => (hosts.includes(host) ? (on[host]?.proxy ?? proxy ?? []) : []));
  if (routes.length === 0 || !proxyRun.publish) return [];
  const secured = routes.some(({ tls }) => tls.kind !== "off");
  return secured ? [proxyRun.httpPort, proxyRun.httpsPort] : [proxyRun.httpPort];
}

/** A port that refuses is reached: nothing listens there before the first release. One that is silent is behind a firewall. */
export function checkInbound({ host, inbound }: Pick<ReachedHost, "host" | "inbound">): CheckResult[] {
  if (inbound.length === 0) return [];
  const check = "inbound";
  const silence = silenceIn(inbound, host);
  if (silence !== undefined) return [{ check, result: "warning", ...silence }];
  const unreachable = inbound.filter(({ answer }) => answer === "unreachable").map(({ port }) => port);
  if (unreachable.length > 0)
    return [
      {
        check,
        result: "warning",
        found: `unknown whether visitors reach ${portsText(unreachable)}: this machine has no route to ${host.address}`,
        next: `try from another machine: curl -v http://${host.address}`,
      },
    ];
  return [{ check, result: "fine", found: `${portsText(inbound.map(({ port }) => port))} can be reached from this machine` }];
}
