import * as pulumi from "@pulumi/pulumi";
import { parseMachine } from "../../config/index.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { idOf } from "../hetzner/hcloud.ts";
import { HetznerServer, type HetznerSurroundings } from "../hetzner/server.ts";
import { noteInUserData } from "../hetzner/user-data.ts";
import type { ConnectionArgs } from "../server/connection-args.ts";
import { refuseOutputs } from "../server/refuse-outputs.ts";
import type { HetznerMachineArgs } from "./hetzner-machine-args.ts";

/**
 * A virtual machine at Hetzner. The program makes its host key, so that even the first connection is verified, and gives it to the machine
 * with its user and keys. `Server` makes it a machine for apps. The package @pulumi/hcloud has to be installed.
 *
 * @example
 * const ann = new hcloud.SshKey("ann", { publicKey: "ssh-ed25519 AAAA…" });
 * const machine = new slipway.HetznerMachine("web-1", { type: "cx23", location: "nbg1", sshKeys: [ann] });
 * const web = new slipway.Server("web-1", { ...machine.connection, firewall: true });
 */
export class HetznerMachine extends pulumi.ComponentResource {
  /**
   * How SSH reaches it: arguments for a `Server`, or for parts of one.
   *
   * @example { address: "192.0.2.10", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA…" }
   */
  readonly connection: ConnectionArgs;
  /**
   * Its id at Hetzner.
   *
   * @example 4711
   */
  readonly serverId: pulumi.Output<number>;

  /** @param name the host: `web-1`. At Hetzner it is called `<project>-<stack>-web-1` */
  constructor(name: string, args: HetznerMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:HetznerMachine", name, {}, opts);
    const { sshKeys, firewalls = [], subnet, user = "root", port = 22, ...own } = args;
    refuseOutputs(`the arguments of the machine ${name}`, { ...own, user, port }, "it decides which resources there are");
    const machine = parseMachine(name, own);
    if (sshKeys.length === 0) throw noKeys(name);
    const site: HetznerSurroundings = {
      ...namesAtHetzner(),
      authorizedKeys: sshKeys.map(({ publicKey }) => publicKey),
      keys: sshKeys.map(({ id }) => id),
      firewalls: firewalls.map(idOf),
      network: () => subnet && { networkId: subnet.networkId, subnet },
      group: () => undefined,
    };
    const server = new HetznerServer(name, { site, nth: 1, machine, port, user }, { parent: this });
    noteInUserData(server.hostKey);
    this.connection = { address: server.connection.address, hostKey: server.hostKey, port, user };
    this.serverId = server.serverId;
    this.registerOutputs({ connection: this.connection, serverId: this.serverId });
  }
}

/** Names are unique within a Hetzner project, which several stacks may share. */
function namesAtHetzner(): Pick<HetznerSurroundings, "name" | "labels"> {
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  return {
    name: `${project}-${stack}`.replace(/[^a-z0-9-]+/gi, "-"),
    labels: { managed_by: "slipway", project, stack },
  };
}

const noKeys = (name: string): SlipwayError =>
  new SlipwayError({
    code: "OPERATOR_KEY_UNKNOWN",
    what: `the machine ${name} has no key that may log in`,
    servesNow: NOTHING_TOUCHED,
    next: 'set sshKeys: [new hcloud.SshKey("ann", { publicKey: "ssh-ed25519 AAAA…" })]',
  });
