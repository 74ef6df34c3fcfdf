import * as pulumi from "@pulumi/pulumi";
import type { HetznerMachine } from "../../config/index.ts";
import { omitUndefined } from "../../core/values.ts";
import type { RoleName } from "../../core/words.ts";
import { type AuthorizedKeys, HostKey } from "../keys/host-key.ts";
import type { HostFields } from "../pulumi/dynamic.ts";
import { protectedIf } from "../pulumi/protected.ts";
import { type Hcloud, hcloud, idOf } from "./hcloud.ts";
import type { HetznerSite } from "./site.ts";

export interface HetznerServerArgs {
  /**
   * What the servers of the stack share.
   *
   * @example new HetznerSite(…)
   */
  readonly site: HetznerSurroundings;
  /**
   * The role; servers of one role can be spread over Hetzner's own machines. Default: a machine of no role.
   *
   * @example "web"
   */
  readonly role?: RoleName | undefined;
  /**
   * Its number within the role, from 1.
   *
   * @example 1
   */
  readonly nth: number;
  /**
   * Everything that decides it but its name.
   *
   * @example role.hetzner
   */
  readonly machine: HetznerMachine;
  /**
   * Port of SSH.
   *
   * @example 22
   */
  readonly port: number;
  /**
   * Who logs in; created with sudo unless it is root.
   *
   * @example "root"
   */
  readonly user: string;
}

/** What a server is made in and with, whether others share it or not. */
export interface HetznerSurroundings extends Pick<HetznerSite, "name" | "labels" | "network" | "group"> {
  readonly authorizedKeys: AuthorizedKeys;
  /** Ids of SSH keys at Hetzner: without one, root gets a password that it has to change at its first login. */
  readonly keys: readonly pulumi.Output<string>[];
  readonly firewalls: readonly pulumi.Output<number>[];
}

/** Changing these would replace the server, with all that is on it. */
const CREATION_ONLY = ["userData", "sshKeys", "image", "placementGroupId"];

/** A virtual machine at Hetzner, with a host key that the program knows before the machine exists. */
export class HetznerServer extends pulumi.ComponentResource {
  /** How SSH reaches it. */
  readonly connection: HostFields;
  /** The public half of the key that it presents; the private one is in its user-data. */
  readonly hostKey: pulumi.Output<string>;
  readonly serverId: pulumi.Output<number>;
  readonly #hcloud: Hcloud = hcloud();

  /** @param name the host in the config: `web-1` */
  constructor(name: string, args: HetznerServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:HetznerServer", name, {}, opts);
    const key = new HostKey(name, { parent: this });
    const server = this.declareServer(name, key, args);
    this.serverId = idOf(server);
    this.declareVolumes(name, args);
    const { port, user } = args;
    this.hostKey = key.publicKey;
    this.connection = { name, address: server.ipv4Address, port, user, hostKey: this.hostKey, made: true };
    this.registerOutputs({ connection: this.connection });
  }

  private declareServer(name: string, key: HostKey, { site, role, nth, machine, user }: HetznerServerArgs) {
    const network = site.network(machine);
    const primary = this.declarePrimaryIp(name, { site, machine });
    const args = {
      name: `${site.name}-${name}`,
      serverType: machine.type,
      image: machine.image,
      location: machine.location,
      labels: { ...site.labels, ...machine.labels, ...omitUndefined({ role }) },
      userData: key.cloudConfig({ user, authorizedKeys: site.authorizedKeys }),
      sshKeys: [...site.keys],
      firewallIds: [...site.firewalls],
      backups: machine.backups,
      keepDisk: true,
      shutdownBeforeDeletion: true,
      deleteProtection: machine.protect,
      rebuildProtection: machine.protect,
      publicNets: [{ ipv4Enabled: true, ipv6Enabled: true, ...(primary === undefined ? {} : { ipv4: primary }) }],
      ...(network === undefined ? {} : { networks: [{ networkId: network.networkId }] }),
      placementGroupId: role === undefined ? undefined : site.group(role, machine, nth),
    };
    return new this.#hcloud.Server(name, args, {
      parent: this,
      ignoreChanges: CREATION_ONLY,
      ...protectedIf(machine.protect),
      // Names are unique within a Hetzner project.
      deleteBeforeReplace: true,
      dependsOn: network === undefined ? [] : [network.subnet],
    });
  }

  private declarePrimaryIp(name: string, { site, machine }: Pick<HetznerServerArgs, "site" | "machine">) {
    if (!machine.primaryIp) return undefined;
    const args = {
      name: `${site.name}-${name}`,
      type: "ipv4",
      assigneeType: "server",
      autoDelete: false,
      location: machine.location,
      labels: site.labels,
      deleteProtection: machine.protect,
    };
    return idOf(new this.#hcloud.PrimaryIp(name, args, { parent: this }));
  }

  private declareVolumes(host: string, { site, machine }: HetznerServerArgs): void {
    for (const { name: own, size, delete: goes } of machine.volumes) {
      const name = `${host}-${own}`;
      const args = { name: `${site.name}-${name}`, size, format: "ext4", location: machine.location, labels: site.labels };
      // Data outlives its server unless the config says otherwise.
      const volume = new this.#hcloud.Volume(name, args, { parent: this, ...(goes ? {} : { retainOnDelete: true }) });
      const attached = { volumeId: idOf(volume), serverId: this.serverId, automount: true };
      new this.#hcloud.VolumeAttachment(name, attached, { parent: this });
    }
  }
}
