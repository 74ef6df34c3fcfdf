import type * as pulumi from "@pulumi/pulumi";
import type { Firewall as Declared, ProxyRun } from "../../config/index.ts";
import type { HostPort } from "../../core/container/host-port.ts";
import { type Opening, openingText } from "../../core/opening.ts";
import { ANYWHERE, isLoopback } from "../../core/range.ts";
import { DynamicResource, type HostInput, stackName } from "../pulumi/dynamic.ts";

export interface FirewallArgs {
  readonly host: HostInput;
  readonly firewall: Declared;
  /** What may be reached from outside besides: `openOn(…)`. */
  readonly open: readonly Opening[];
}

/** What may be reached of one host from outside: SSH, what is declared, and nothing else, in containers or not. */
export class Firewall extends DynamicResource<object> {
  constructor(name: string, { host, firewall, open }: FirewallArgs, opts: pulumi.CustomResourceOptions = {}) {
    const inputs = {
      host,
      stack: stackName(),
      ssh: [...firewall.sshFrom],
      open: openTexts([...open, ...firewall.allow]),
      status: "closed but for these",
    };
    super("firewall", name, inputs, opts);
  }
}

/** One text for each port, whoever wants it open. */
export function openTexts(openings: readonly Opening[]): string[] {
  const byPort = new Map<string, Opening>();
  for (const { port, protocol, from } of openings) {
    const key = `${port}/${protocol}`;
    byPort.set(key, { port, protocol, from: [...new Set([...(byPort.get(key)?.from ?? []), ...from])] });
  }
  return [...byPort.values()].sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1)).map(openingText);
}

/** What one host's proxy and roles publish on an address that can be reached from outside. */
export function openOn(proxy: ProxyRun | undefined, published: readonly HostPort[]): Opening[] {
  const everybody = [...ANYWHERE];
  const served = proxy?.publish ? [proxy.httpPort, proxy.httpsPort] : [];
  return [
    ...served.map((port): Opening => ({ port, protocol: "tcp", from: everybody })),
    ...published
      .filter(({ ip }) => !isLoopback(ip))
      .map(({ hostPort, protocol }): Opening => ({ port: hostPort, protocol, from: everybody })),
  ];
}
