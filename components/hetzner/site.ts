import * as pulumi from "@pulumi/pulumi";
import type { HetznerMachine, HetznerRole, HetznerShared } from "../../config/index.ts";
import { type Opening, parseOpening } from "../../core/opening.ts";
import type { RoleName } from "../../core/words.ts";
import { type Hcloud, hcloud, idOf } from "./hcloud.ts";

export interface HetznerSiteArgs {
  /**
   * Prefix of all names in the Hetzner project.
   *
   * @example "shop-production"
   */
  readonly name: string;
  /**
   * Labels of everything that is created.
   *
   * @example { service: "shop", managed_by: "slipway" }
   */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Where SSH may come from.
   *
   * @example config.hetzner
   */
  readonly shared: HetznerShared;
  /**
   * Public keys that may log in.
   *
   * @example operatorKeys(config)
   */
  readonly authorizedKeys: readonly string[];
  /**
   * The servers, by role.
   *
   * @example new Map([["web", role.hetzner]])
   */
  readonly roles: ReadonlyMap<RoleName, HetznerRole>;
  /**
   * Where sshd of the servers listens.
   *
   * @example [22]
   */
  readonly sshPorts: readonly number[];
  /**
   * What else is reachable: the ports of the proxy, of roles that publish some, and of `firewall.allow`.
   *
   * @example ["443/tcp", "5432/tcp from 10.0.0.0/16"]
   */
  readonly open: readonly string[];
}

/** A private network for a server to join. */
export interface PrivateNetwork {
  readonly networkId: pulumi.Output<number>;
  /** Must exist before a server can join. */
  readonly subnet: pulumi.Resource;
}

const ZONES: Readonly<Record<string, string>> = { ash: "us-east", hil: "us-west", sin: "ap-southeast" };
/** Hetzner's limit of servers in one placement group. */
const GROUP_SIZE = 10;
const EVERYWHERE = ["0.0.0.0/0", "::/0"];

/** What the servers of a stack share at Hetzner: SSH keys, firewall, private networks and placement groups. */
export class HetznerSite extends pulumi.ComponentResource {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly authorizedKeys: readonly string[];
  readonly keys: readonly pulumi.Output<string>[];
  readonly firewalls: readonly pulumi.Output<number>[];
  readonly #networks = new Map<string, PrivateNetwork>();
  readonly #groups: ReadonlyMap<RoleName, readonly pulumi.Output<number>[]>;
  readonly #hcloud: Hcloud = hcloud();

  constructor(
    { name, labels, shared, authorizedKeys, roles, ...reach }: HetznerSiteArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("slipway:HetznerSite", name, {}, opts);
    this.name = name;
    this.labels = labels;
    this.authorizedKeys = authorizedKeys;
    this.keys = this.declareKeys();
    this.firewalls = [this.declareFirewall(shared, reach)];
    this.declareNetworks([...roles.values()]);
    this.#groups = this.declareGroups(roles);
    this.registerOutputs({});
  }

  /** The private network of a machine. */
  network({ network, location }: HetznerMachine): PrivateNetwork | undefined {
    return network === undefined ? undefined : this.#networks.get(subnetKey(network, location));
  }

  /** The placement group that spreads the servers of a role. */
  group(role: RoleName, { placement }: HetznerMachine, nth: number): pulumi.Output<number> | undefined {
    return placement === "spread" ? this.#groups.get(role)?.[Math.floor((nth - 1) / GROUP_SIZE)] : undefined;
  }

  private declareKeys(): pulumi.Output<string>[] {
    return this.authorizedKeys.map((publicKey, at) => {
      const name = `${this.name}-${at + 1}`;
      return new this.#hcloud.SshKey(name, { name, publicKey, labels: this.labels }, { parent: this }).id;
    });
  }

  /** The same ports as the firewall of each host: one that is closed at Hetzner alone would be missed nowhere but by its users. */
  private declareFirewall({ sshFrom }: HetznerShared, { sshPorts, open }: Pick<HetznerSiteArgs, "sshPorts" | "open">) {
    const rule = ({ port, protocol, from }: Opening) => ({ direction: "in", protocol, port: `${port}`, sourceIps: [...from] });
    const ssh = [...new Set(sshPorts)].map((port) => rule({ port, protocol: "tcp", from: sshFrom }));
    const others = open.map((text) => rule(parseOpening(text)));
    const ping = { direction: "in", protocol: "icmp", sourceIps: EVERYWHERE };
    const rules = [...ssh, ...others, ping];
    return idOf(new this.#hcloud.Firewall(this.name, { name: this.name, labels: this.labels, rules }, { parent: this }));
  }

  private declareNetworks(machines: readonly HetznerMachine[]): void {
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

  /** Declared whatever the placement of new servers: a group that still has a server cannot be deleted. */
  private declareGroups(roles: HetznerSiteArgs["roles"]): Map<RoleName, pulumi.Output<number>[]> {
    return new Map(
      [...roles].map(([role, { count }]) => {
        const groups = Array.from({ length: Math.ceil(count / GROUP_SIZE) }, (_, at) => {
          const name = `${this.name}-${role}${at === 0 ? "" : `-${at + 1}`}`;
          return idOf(new this.#hcloud.PlacementGroup(name, { name, type: "spread", labels: this.labels }, { parent: this }));
        });
        return [role, groups];
      }),
    );
  }
}

const zoneOf = (location: string): string => ZONES[location] ?? "eu-central";
const subnetKey = (range: string, location: string): string => `${range} ${zoneOf(location)}`;

/** Each zone has a /24 of the range, which does not depend on the zones in use. */
function subnetOf(range: string, zone: string): string {
  const [a, b, c] = range.split(/[./]/);
  const third = Number(c) + ["eu-central", "us-east", "us-west", "ap-southeast"].indexOf(zone);
  return `${a}.${b}.${third}.0/24`;
}
