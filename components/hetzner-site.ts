import * as pulumi from "@pulumi/pulumi";
import type { HetznerMachine, HetznerShared } from "../config/index.ts";
import { type Hcloud, hcloud, idOf } from "./hcloud.ts";

export interface HetznerSiteArgs {
  /** Prefix of all names in the Hetzner project: `shop-production`. */
  readonly name: string;
  /** Of everything that is made. */
  readonly labels: Readonly<Record<string, string>>;
  readonly shared: HetznerShared;
  /** Public keys that may log in. */
  readonly authorizedKeys: readonly string[];
  /** All servers that will stand here, by role. */
  readonly machines: ReadonlyMap<string, HetznerMachine>;
}

/** A private network as a server joins it. */
export interface Joined {
  readonly networkId: pulumi.Output<number>;
  /** What must be there before a server can join. */
  readonly subnet: pulumi.Resource;
}

const ZONES: Readonly<Record<string, string>> = { ash: "us-east", hil: "us-west", sin: "ap-southeast" };
const EVERYWHERE = ["0.0.0.0/0", "::/0"];

/** What the servers of a stack share at Hetzner: who may log in, what may reach them, their networks, and what keeps them apart. */
export class HetznerSite extends pulumi.ComponentResource {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly authorizedKeys: readonly string[];
  readonly keys: readonly pulumi.Output<string>[];
  readonly firewall: pulumi.Output<number>;
  readonly #networks = new Map<string, Joined>();
  readonly #groups: ReadonlyMap<string, pulumi.Output<number>>;
  readonly #hcloud: Hcloud = hcloud();

  constructor({ name, labels, shared, authorizedKeys, machines }: HetznerSiteArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:HetznerSite", name, {}, opts);
    this.name = name;
    this.labels = labels;
    this.authorizedKeys = authorizedKeys;
    this.keys = this.makeKeys();
    this.firewall = this.makeFirewall(shared);
    this.makeNetworks([...machines.values()]);
    this.#groups = this.makeGroups(machines);
    this.registerOutputs({});
  }

  /** The private network that such a machine joins. */
  network({ network, location }: HetznerMachine): Joined | undefined {
    return network === undefined ? undefined : this.#networks.get(placeOf(network, location));
  }

  /** The group that keeps the servers of a role apart. */
  group(role: string): pulumi.Output<number> | undefined {
    return this.#groups.get(role);
  }

  private makeKeys(): pulumi.Output<string>[] {
    return this.authorizedKeys.map((publicKey, at) => {
      const name = `${this.name}-${at + 1}`;
      return new this.#hcloud.SshKey(name, { name, publicKey, labels: this.labels }, { parent: this }).id;
    });
  }

  private makeFirewall({ sshFrom }: HetznerShared): pulumi.Output<number> {
    const open = (port: string, sourceIps: readonly string[]) => ({
      ...{ direction: "in", protocol: "tcp", port, sourceIps: [...sourceIps] },
    });
    const ping = { direction: "in", protocol: "icmp", sourceIps: EVERYWHERE };
    const rules = [open("22", sshFrom), open("80", EVERYWHERE), open("443", EVERYWHERE), ping];
    return idOf(new this.#hcloud.Firewall(this.name, { name: this.name, labels: this.labels, rules }, { parent: this }));
  }

  private makeNetworks(machines: readonly HetznerMachine[]): void {
    const wanted = Map.groupBy(machines, ({ network }) => network);
    for (const [range, users] of wanted) {
      if (range === undefined) continue;
      const name = `${this.name}-${range.replace(/[./]/g, "-")}`;
      const network = new this.#hcloud.Network(name, { name, ipRange: range, labels: this.labels }, { parent: this });
      const zones = [...new Set(users.map(({ location }) => zoneOf(location)))].sort();
      for (const networkZone of zones) {
        const ipRange = subnetOf(range, networkZone);
        const args = { networkId: idOf(network), type: "cloud", networkZone, ipRange };
        const subnet = new this.#hcloud.NetworkSubnet(`${name}-${networkZone}`, args, { parent: this });
        this.#networks.set(`${range} ${networkZone}`, { networkId: idOf(network), subnet });
      }
    }
  }

  private makeGroups(machines: ReadonlyMap<string, HetznerMachine>): ReadonlyMap<string, pulumi.Output<number>> {
    const spread = [...machines].filter(([, { placement }]) => placement === "spread");
    return new Map(
      spread.map(([role]) => {
        const name = `${this.name}-${role}`;
        const group = new this.#hcloud.PlacementGroup(name, { name, type: "spread", labels: this.labels }, { parent: this });
        return [role, idOf(group)];
      }),
    );
  }
}

const zoneOf = (location: string): string => ZONES[location] ?? "eu-central";
const placeOf = (range: string, location: string): string => `${range} ${zoneOf(location)}`;

/** Every zone has a subnet of its own, the same whichever zones are used: a /24 of the range. */
function subnetOf(range: string, zone: string): string {
  const [a, b, c] = range.split(/[./]/);
  const third = Number(c) + ["eu-central", "us-east", "us-west", "ap-southeast"].indexOf(zone);
  return `${a}.${b}.${third}.0/24`;
}
