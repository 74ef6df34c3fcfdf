import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../pulumi/dynamic.ts";
import type { ProxyRunArgs } from "../server/args.ts";
import type { ConnectionArgs } from "../server/connection-args.ts";
import { proxyInputs } from "../server/proxy-container.ts";
import { machinePart } from "./machine-part.ts";

/** How SSH reaches a machine, and how kamal-proxy runs there, with the arguments that `proxy` of a `Server` has. */
export interface StandaloneProxyArgs extends ConnectionArgs, ProxyRunArgs {}

/**
 * kamal-proxy on a machine that has no `Server`, where Docker runs. It has no routes of its own: apps of other programs, stacks' files and
 * Kamal bring them. When it leaves the program it stays as long as a route or a container needs it.
 *
 * @example
 * new slipway.Proxy("web-1", { address: "203.0.113.10", httpPort: 8080, httpsPort: 8443 });
 */
// Not `Proxy`, as it is exported: that is a name of JavaScript's own.
export class KamalProxy extends DynamicResource<object> {
  /** @param name the machine, in messages and in `slipway:ssh`: `web-1` */
  constructor(name: string, args: StandaloneProxyArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { address, hostKey, port, user, ...run } = args;
    const { host, own } = machinePart("proxy", name, { address, hostKey, port, user }, run);
    super("proxy", name, proxyInputs({ host, run: own }), opts);
  }
}
