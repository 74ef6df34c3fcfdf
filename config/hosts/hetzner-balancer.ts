import { z } from "zod";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

export interface HetznerBalancer {
  readonly type: string;
  /** Where TLS ends: at the load balancer with a certificate from Hetzner, at kamal-proxy, or nowhere. */
  readonly tls: "managed" | "passthrough" | "off";
}

const BalancerSection = section({
  type: field(z.string().min(1), { is: "Type of the load balancer.", default: "lb11", example: "lb21" }),
  tls: field(z.enum(["managed", "passthrough", "off"]), {
    is: "Where TLS ends: `managed`, at the load balancer, with a certificate from Hetzner for the role's host names; `passthrough`, at kamal-proxy; `off`.",
    otherwise: "passthrough with proxy.ssl, else off",
    refused: "managed with proxy.ssl, or without host names; passthrough without proxy.ssl",
    example: "managed",
  }),
});

/** `load_balancer` of a role. */
export const LoadBalancerSection = z.union([z.boolean(), BalancerSection]);

/** What decides TLS at the load balancer of a role. */
export interface BalancedRoute {
  readonly hosts: readonly string[];
  readonly ssl: boolean;
}

export function resolveBalancer(
  written: z.infer<typeof LoadBalancerSection> = false,
  route: BalancedRoute | undefined,
  place: ConfigPath,
): HetznerBalancer | undefined {
  if (written === false) return undefined;
  if (route === undefined) {
    place.refuse("not allowed: the role is not proxied");
    return undefined;
  }
  const { type = "lb11", tls = route.ssl ? "passthrough" : "off" } = written === true ? {} : written;
  const here = place.at("tls");
  if (tls === "managed" && route.ssl) here.refuse("managed ends TLS at the load balancer: remove proxy.ssl");
  if (tls === "managed" && route.hosts.length === 0) here.refuse("a certificate needs a host name: set proxy.host");
  if (tls === "passthrough" && !route.ssl) here.refuse("passthrough needs TLS at kamal-proxy: set proxy.ssl");
  return { type, tls };
}
