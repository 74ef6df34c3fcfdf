import type * as pulumi from "@pulumi/pulumi";
import type { HetznerArgs } from "../hetzner/args.ts";

/** A machine at Hetzner: its kind and size, and what of the program's other resources it is made with. */
export interface HetznerMachineArgs extends HetznerArgs {
  /**
   * The keys that may log in, which the Hetzner project has.
   * Refused: none. Hetzner would give root a password that has to be changed at the first login.
   *
   * @example [new hcloud.SshKey("ann", { publicKey: "ssh-ed25519 AAAA…" })]
   */
  readonly sshKeys: readonly SshKeyAtHetzner[];
  /**
   * Who logs in; created with sudo unless it is root. Default: "root".
   *
   * @example "deploy"
   */
  readonly user?: string | undefined;
  /**
   * Port of SSH. Default: 22.
   *
   * @example 22
   */
  readonly port?: number | undefined;
  /**
   * Firewalls of the Hetzner project that it is behind. That of a `Server` is on the machine itself. Default: none.
   *
   * @example [rules]
   */
  readonly firewalls?: readonly FirewallAtHetzner[] | undefined;
  /**
   * The subnet of a private network that it joins. Default: no private network.
   *
   * @example new hcloud.NetworkSubnet("web", { networkId, type: "cloud", networkZone: "eu-central", ipRange: "10.0.0.0/24" })
   */
  readonly subnet?: SubnetAtHetzner | undefined;
}

/** An `hcloud.SshKey`. */
export interface SshKeyAtHetzner {
  /** @example key.id */
  readonly id: pulumi.Output<string>;
  /** @example key.publicKey */
  readonly publicKey: pulumi.Output<string>;
}

/** An `hcloud.Firewall`. */
export interface FirewallAtHetzner {
  /** @example rules.id */
  readonly id: pulumi.Output<string>;
}

/** An `hcloud.NetworkSubnet`. */
export type SubnetAtHetzner = pulumi.Resource & {
  /** @example subnet.networkId */
  readonly networkId: pulumi.Output<number>;
};
