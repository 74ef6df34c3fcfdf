import type { Milliseconds } from "../../core/words.ts";
import { Actions } from "./actions.ts";
import { Balancers } from "./balancers.ts";
import { Collection } from "./collection.ts";
import { Faults } from "./faults.ts";
import type { Machines } from "./machines.ts";
import type {
  Certificate,
  Firewall,
  LoadBalancer,
  Network,
  PlacementGroup,
  PrimaryIp,
  Server,
  SshKey,
  Volume,
} from "./objects.ts";

/** Speed of the fake. */
export interface Pace {
  /** Duration of every action. Default 30. */
  readonly action: Milliseconds;
  /** Duration of one second of a health check's interval. Default 100. */
  readonly second: Milliseconds;
}

/** One project at Hetzner with all its objects. */
export class Project {
  readonly faults = new Faults();
  readonly actions: Actions;
  readonly machines: Machines;
  readonly balancers: Balancers;
  readonly servers = new Collection<Server>("server");
  readonly sshKeys = new Collection<SshKey>("ssh_key");
  readonly networks = new Collection<Network>("network");
  readonly firewalls = new Collection<Firewall>("firewall");
  readonly placementGroups = new Collection<PlacementGroup>("placement_group");
  readonly primaryIps = new Collection<PrimaryIp>("primary_ip");
  readonly volumes = new Collection<Volume>("volume");
  readonly loadBalancers = new Collection<LoadBalancer>("load_balancer");
  readonly certificates = new Collection<Certificate>("certificate");
  #last = 1000;

  constructor(machines: Machines, pace: Pace) {
    this.machines = machines;
    this.actions = new Actions(this.nextId, this.faults, pace.action);
    this.balancers = new Balancers(this, pace.second);
  }

  readonly nextId = (): number => ++this.#last;

  /** The initial fields of a new object. */
  item(
    name: string,
    labels: Record<string, string> = {},
  ): { id: number; name: string; labels: Record<string, string>; created: string } {
    return { id: this.nextId(), name, labels, created: new Date().toISOString() };
  }

  /** Number of objects of each kind, without empty kinds. `{}` after a destroy. */
  inventory(): Record<string, number> {
    const kinds = [
      this.servers,
      this.sshKeys,
      this.networks,
      this.firewalls,
      this.placementGroups,
      this.primaryIps,
      this.volumes,
      this.loadBalancers,
      this.certificates,
    ];
    return Object.fromEntries(kinds.filter(({ size }) => size > 0).map(({ kind, size }) => [kind, size]));
  }
}
