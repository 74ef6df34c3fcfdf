/** Generated from the schema of a stack's file by `npm run docs`; do not edit. */

/** See `slipway:hetzner`. */
export interface HetznerArgs {
  /**
   * Server type.
   * Default: "cx23".
   *
   * @example "cax21"
   */
  readonly type?: string | undefined;
  /**
   * Location.
   * Default: "fsn1".
   *
   * @example "nbg1"
   */
  readonly location?: "fsn1" | "nbg1" | "hel1" | "ash" | "hil" | "sin" | undefined;
  /**
   * Operating system of a new machine. A change does not affect an existing one.
   * Default: "debian-13".
   *
   * @example "ubuntu-24.04"
   */
  readonly image?: string | undefined;
  /**
   * Labels at Hetzner, in addition to managed_by, project and stack.
   * Default: {}.
   *
   * @example { team: "checkout" }
   */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Volumes of the machine, by name: the size in GB, or a map. Formatted with ext4 and mounted below /mnt.
   * Default: {}.
   *
   * @example { data: 50 }
   */
  readonly volumes?: Readonly<Record<string, number | HetznerVolumeArgs>> | undefined;
  /**
   * Whether Hetzner backs up the machine.
   * Default: false.
   *
   * @example true
   */
  readonly backups?: boolean | undefined;
  /**
   * Whether the address is kept when the machine is replaced.
   * Default: false.
   *
   * @example true
   */
  readonly primaryIp?: boolean | undefined;
  /**
   * Whether Pulumi and Hetzner refuse to delete it.
   * Default: false.
   *
   * @example true
   */
  readonly protect?: boolean | undefined;
}

/** See `slipway:hetzner.volumes`. */
export interface HetznerVolumeArgs {
  /**
   * Size in GB.
   * Refused: missing; less than 10.
   *
   * @example 50
   */
  readonly size: number;
  /**
   * Whether it is deleted with its server; else it stays, with its data.
   * Default: false.
   *
   * @example true
   */
  readonly delete?: boolean | undefined;
}
