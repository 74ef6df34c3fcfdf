import type * as pulumi from "@pulumi/pulumi";
import type { Firewall as FirewallRules, ProxyRun } from "../../config/index.ts";
import type { HostPort } from "../../core/container/host-port.ts";
import { type Opening, openingText } from "../../core/opening.ts";
import { ANYWHERE, isLoopback } from "../../core/range.ts";
import { DynamicResource, type HostInput, ownerOf } from "../pulumi/dynamic.ts";

export interface FirewallArgs {
  /**
   * The host whose ports are closed.
   *
   * @example server.connection
   */
  readonly host: HostInput;
  /**
   * Where SSH may come from, and more ports that are open.
   *
   * @example { sshFrom: ["198.51.100.0/24"], allow: [] }
   */
  readonly firewall: FirewallRules;
  /**
   * The ports that the app needs open, from `publicOpenings`.
   *
   * @example [{ port: 443, protocol: "tcp", from: ["0.0.0.0/0", "::/0"] }]
   */
  readonly open: readonly Opening[];
  /**
   * Stacks whose firewall on that host becomes this stack's. Default: none.
   *
   * @example ["slipway/staging"]
   */
  readonly adopt?: readonly string[];
  /**
   * Keeps containers from the metadata of a server whose user-data holds a secret. Default: they can read it.
   *
   * @example "closed"
   */
  readonly metadata?: "closed" | undefined;
}

/** The only ports of one host that are reachable from outside: SSH and what is declared. Covers ports of containers too. */
export class Firewall extends DynamicResource<object> {
  constructor(name: string, args: FirewallArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("firewall", name, firewallInputs(args), opts);
  }
}

/** What its provider takes. */
export const firewallInputs = ({ host, firewall, open, adopt, metadata }: FirewallArgs) => ({
  host,
  ...ownerOf(adopt),
  ssh: [...firewall.sshFrom],
  open: openTexts([...open, ...firewall.allow]),
  ...(metadata === undefined ? {} : { metadata }),
  status: "closed but for these",
});

/** One text for each port, with the ranges of all openings of that port. */
export function openTexts(openings: readonly Opening[]): string[] {
  const byPort = new Map<string, Opening>();
  for (const { port, protocol, from } of openings) {
    const key = `${port}/${protocol}`;
    byPort.set(key, { port, protocol, from: [...new Set([...(byPort.get(key)?.from ?? []), ...from])] });
  }
  return [...byPort.values()].sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1)).map(openingText);
}

/** What the proxy and the containers of one host publish on an address that is reachable from outside. */
export function publicOpenings(proxy: ProxyRun | undefined, published: readonly HostPort[]): Opening[] {
  const from = [...ANYWHERE];
  const proxyPorts = proxy?.publish ? [proxy.httpPort, proxy.httpsPort] : [];
  return [
    ...proxyPorts.map((port): Opening => ({ port, protocol: "tcp", from })),
    ...published
      .filter(({ ip }) => !isLoopback(ip))
      .map(({ hostPort, protocol }): Opening => ({ port: hostPort, protocol, from })),
  ];
}
