import * as pulumi from "@pulumi/pulumi";
import type { HetznerMachine } from "../../config/index.ts";
import type { RoleName } from "../../core/words.ts";
import { HostKey } from "../keys/host-key.ts";
import type { HostInput } from "../pulumi/dynamic.ts";
import { type Hcloud, hcloud, idOf } from "./hcloud.ts";
import type { HetznerSite } from "./site.ts";

export interface HetznerServerArgs {
  readonly site: HetznerSite;
  /** Whose servers are kept apart from each other. */
  readonly role: RoleName;
  /** 1 for the first of the role. */
  readonly nth: number;
  readonly machine: HetznerMachine;
  readonly port: number;
  readonly user: string;
}

/** What a running server was made from once; with another value it would be made anew, and all on it lost. */
const AT_BIRTH = ["userData", "sshKeys", "image", "placementGroupId"];

/** A virtual machine at Hetzner that shows a host key which the program knew before it existed. */
export class HetznerServer extends pulumi.ComponentResource {
  /** Where SSH reaches it. */
  readonly connection: HostInput;
  readonly serverId: pulumi.Output<number>;
  readonly #hcloud: Hcloud = hcloud();

  /** @param name as the config names the host: `web-1` */
  constructor(name: string, args: HetznerServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:HetznerServer", name, {}, opts);
    const key = new HostKey(name, { parent: this });
    const server = this.makeServer(name, key, args);
    this.serverId = idOf(server);
    this.makeVolumes(name, args);
    const { port, user } = args;
    this.connection = { name, address: server.ipv4Address, port, user, hostKey: key.publicKey };
    this.registerOutputs({ connection: this.connection });
  }

  private makeServer(name: string, key: HostKey, { site, role, nth, machine, user }: HetznerServerArgs) {
    const network = site.network(machine);
    const primary = this.makePrimaryIp(name, { site, machine });
    const args = {
      name: `${site.name}-${name}`,
      serverType: machine.type,
      image: machine.image,
      location: machine.location,
      labels: { ...site.labels, ...machine.labels, role },
      userData: key.cloudConfig({ user, authorizedKeys: site.authorizedKeys }),
      sshKeys: [...site.keys],
      firewallIds: [site.firewall],
      backups: machine.backups,
      keepDisk: true,
      shutdownBeforeDeletion: true,
      deleteProtection: machine.protect,
      rebuildProtection: machine.protect,
      publicNets: [{ ipv4Enabled: true, ipv6Enabled: true, ...(primary === undefined ? {} : { ipv4: primary }) }],
      ...(network === undefined ? {} : { networks: [{ networkId: network.networkId }] }),
      placementGroupId: site.group(role, machine, nth),
    };
    return new this.#hcloud.Server(name, args, {
      parent: this,
      ignoreChanges: AT_BIRTH,
      protect: machine.protect,
      // Hetzner does not give a name twice.
      deleteBeforeReplace: true,
      dependsOn: network === undefined ? [] : [network.subnet],
    });
  }

  private makePrimaryIp(name: string, { site, machine }: Pick<HetznerServerArgs, "site" | "machine">) {
    if (!machine.primaryIp) return undefined;
    const args = {
      ...{ name: `${site.name}-${name}`, type: "ipv4", assigneeType: "server", autoDelete: false },
      ...{ location: machine.location, labels: site.labels, deleteProtection: machine.protect },
    };
    return idOf(new this.#hcloud.PrimaryIp(name, args, { parent: this }));
  }

  private makeVolumes(host: string, { site, machine }: HetznerServerArgs): void {
    for (const { name: own, size, delete: goes } of machine.volumes) {
      const name = `${host}-${own}`;
      const args = { name: `${site.name}-${name}`, size, format: "ext4", location: machine.location, labels: site.labels };
      // Data outlives its server unless somebody wrote that it may go.
      const volume = new this.#hcloud.Volume(name, args, { parent: this, retainOnDelete: !goes });
      const attached = { volumeId: idOf(volume), serverId: this.serverId, automount: true };
      new this.#hcloud.VolumeAttachment(name, attached, { parent: this });
    }
  }
}
