import {
  type Access,
  type Address,
  type Host,
  Hosts,
  parseAccess,
  type Trace,
  type TraceEvent,
  traceTo,
} from "../hosts/index.ts";
import type { LabHost } from "./host.ts";
import type { Lab } from "./lab.ts";

/** How a test connects to a lab host: differences from the default. */
export interface ReachOptions extends Partial<Address> {
  /** Added to `slipway:ssh`. */
  readonly ssh?: object;
  /** Collects the events of the trace. */
  readonly events?: TraceEvent[];
  readonly around?: Trace["around"];
}

/** An operator of the lab's hosts, with its own connections. `close` ends them all. */
export class Operator {
  readonly #lab: Lab;
  readonly #opened: Hosts[] = [];

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** @example operator.reach(lab.host("web-1"), { user: "root" }) */
  reach(there: LabHost, { ssh, events = [], around = traceTo(undefined).around, ...address }: ReachOptions = {}): Host {
    const hosts = new Hosts(this.access(ssh), { done: (event) => void events.push(event), around });
    this.#opened.push(hosts);
    return hosts.at({ ...this.addressOf(there), ...address });
  }

  access(ssh: object = {}): Access {
    return parseAccess(JSON.stringify({ keys: this.#lab.key.file, agent: false, config: false, known_hosts: [], ...ssh }), {});
  }

  addressOf({ name, address, port, hostKey }: LabHost): Address {
    return { name, address, port, user: "deploy", hostKey };
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((hosts) => hosts.close()));
  }
}
