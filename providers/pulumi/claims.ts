import { type Address, type Hosts, isSameMachine, Unreachable } from "../../hosts/index.ts";

/** One thing on one machine that a resource brings about and takes down: `container shop-db-production`, `firewall`. */
export interface Claim {
  readonly host: Address;
  readonly thing: string;
}

/**
 * What the program of this run declares. Pulumi names resources by the words of the program and deletes what a replacement or a renamed
 * one leaves behind; on the machine both may be the same container. What is claimed here is not taken down by such a deletion.
 */
export class Claims {
  readonly #checked = new Set<string>();
  readonly #claims = new Map<string, readonly Claim[]>();

  /** The program declares the resource. */
  check(urn: string): void {
    this.#checked.add(urn);
  }

  /** The resource is kept, created or updated with these claims. A refresh compares resources, too, but the program declares none then. */
  keep(urn: string, claims: readonly Claim[]): void {
    if (this.#checked.has(urn)) this.#claims.set(urn, claims);
  }

  isChecked(urn: string): boolean {
    return this.#checked.has(urn);
  }

  /** Those of `claims` that this run declares on the same machine, by whatever address it is reached there. */
  async declared(claims: readonly Claim[], hosts: Hosts): Promise<Claim[]> {
    const found = await Promise.all(claims.map(async (claim) => ((await this.#has(claim, hosts)) ? [claim] : [])));
    return found.flat();
  }

  async #has({ host, thing }: Claim, hosts: Hosts): Promise<boolean> {
    const alike = [...this.#claims.values()].flat().filter((claim) => claim.thing === thing);
    if (alike.some((claim) => isSameMachine(claim.host, host))) return true;
    if (alike.length === 0) return false;
    const own = await machineAt(host, hosts);
    if (own === undefined) return false;
    const machines = await Promise.all(alike.map((claim) => hosts.at(claim.host).machineNow()));
    return machines.includes(own);
  }
}

/** Nothing is taken down on a machine that does not answer: the provider that removes something there reports it. */
const machineAt = (host: Address, hosts: Hosts): Promise<string | undefined> =>
  hosts
    .at(host)
    .machineNow()
    .catch((thrown: unknown) => {
      if (thrown instanceof Unreachable) return undefined;
      throw thrown;
    });
