import type * as pulumi from "@pulumi/pulumi";
import { metadataAt } from "../hetzner/user-data.ts";
import { DynamicResource } from "../pulumi/dynamic.ts";
import type { FirewallArgs, OpeningArgs } from "../server/args.ts";
import type { ConnectionArgs } from "../server/connection-args.ts";
import { firewallInputs } from "../server/firewall.ts";
import { machinePart } from "./machine-part.ts";

/** How SSH reaches a machine, and what else may reach it. */
export interface StandaloneFirewallArgs extends ConnectionArgs, Omit<FirewallArgs, "allow"> {
  /**
   * The ports that are open besides that of SSH, those of containers and of kamal-proxy included.
   * Default: [].
   *
   * @example [{ port: 443 }, { port: 5432, from: ["10.0.0.0/16"] }]
   */
  readonly allow?: readonly OpeningArgs[] | undefined;
}

/**
 * The firewall of a machine that has no `Server`: closes all ports to the outside but that of SSH and those listed, for containers as well.
 * A rule that locks out the current run is reverted automatically. The ports are open again when it leaves the program.
 *
 * @example
 * new slipway.Firewall("db-1", { address: "203.0.113.20", sshFrom: ["198.51.100.0/24"], allow: [{ port: 5432, from: ["10.0.0.0/16"] }] });
 */
export class Firewall extends DynamicResource<object> {
  /** @param name the machine, in messages and in `slipway:ssh`: `db-1` */
  constructor(name: string, args: StandaloneFirewallArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { address, hostKey, port, user, ...rules } = args;
    const { host, own } = machinePart("firewall", name, { address, hostKey, port, user }, rules);
    super("firewall", name, firewallInputs({ host, firewall: own, open: [], metadata: metadataAt(hostKey) }), opts);
  }
}
