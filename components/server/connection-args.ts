import type * as pulumi from "@pulumi/pulumi";

/** How SSH reaches a machine. With which key is in the stack's config, `slipway:ssh`: it differs between the people who deploy. */
export interface ConnectionArgs {
  /**
   * IP address or host name, known or an output of the resource that makes the machine.
   *
   * @example droplet.ipv4Address
   */
  readonly address: pulumi.Input<string>;
  /**
   * The host key that it must present. Default: the one in `slipway:ssh.host_keys`, else in known_hosts.
   *
   * @example key.publicKey
   */
  readonly hostKey?: pulumi.Input<string> | undefined;
  /**
   * Port of SSH. Default: 22.
   *
   * @example 2222
   */
  readonly port?: number | undefined;
  /**
   * Who logs in; needs sudo without a password unless it is root. Default: "root".
   *
   * @example "deploy"
   */
  readonly user?: string | undefined;
}
