/**
 * A server that the same program makes: its address is an output of another resource.
 *
 * `npx slipway pulumi config set sshKey "ssh-ed25519 …"` says first who may log in to it.
 */
import * as pulumi from "@pulumi/pulumi";
import * as slipway from "slipway";

interface MachineArgs {
  readonly userData: pulumi.Input<string>;
}

/**
 * A Droplet of @pulumi/digitalocean, an Instance of @pulumi/aws or any other resource with an address takes its place. Give it
 * `ignoreChanges: ["userData"]`: user data is read when a machine is made, and a later change of it would replace the machine.
 */
class Machine extends pulumi.ComponentResource {
  readonly ipv4Address: pulumi.Output<string>;

  constructor(name: string, args: MachineArgs) {
    super("example:Machine", name, args);
    this.ipv4Address = pulumi.output("203.0.113.10");
    this.registerOutputs({ ipv4Address: this.ipv4Address });
  }
}

const authorizedKeys = [new pulumi.Config().require("sshKey")];

// The machine gets its host key from the program, so that even the first connection is a verified one.
const key = new slipway.HostKey("web-1");
const machine = new Machine("web-1", { userData: key.cloudConfig({ user: "root", authorizedKeys }) });

const web = new slipway.Server("web-1", { address: machine.ipv4Address, hostKey: key.publicKey, firewall: true });

const shop = new slipway.App("shop", {
  image: "ghcr.io/acme/shop:1.4.2",
  servers: web,
  proxy: { host: "shop.example.com", ssl: true, appPort: 3000 },
});

export const { urls, release } = shop;
export const { address } = web;
