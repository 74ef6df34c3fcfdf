import * as pulumi from "@pulumi/pulumi";
import { type Hcloud, hcloud } from "./hcloud.ts";

export interface HetznerNamesArgs {
  /** A zone of Hetzner DNS: `example.com`. */
  readonly zone: string;
  /** Host name → the IPv4 addresses that answer for it. */
  readonly names: Readonly<Record<string, pulumi.Input<pulumi.Input<string>[]>>>;
}

const TTL = 300;

/** A records of the app's host names. Names of other zones are left to whoever keeps those. */
export class HetznerNames extends pulumi.ComponentResource {
  readonly #hcloud: Hcloud = hcloud();

  constructor(name: string, { zone, names }: HetznerNamesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:HetznerNames", name, {}, opts);
    for (const [host, addresses] of Object.entries(names)) {
      const own = nameIn(zone, host);
      if (own === undefined) continue;
      const records = pulumi.output(addresses).apply((all) => all.map((value) => ({ value })));
      new this.#hcloud.ZoneRrset(host, { zone, name: own, type: "A", ttl: TTL, records }, { parent: this });
    }
    this.registerOutputs({});
  }
}

/** `shop` of `shop.example.com`, `@` of the zone itself. */
function nameIn(zone: string, host: string): string | undefined {
  if (host === zone) return "@";
  return host.endsWith(`.${zone}`) ? host.slice(0, -zone.length - 1) : undefined;
}
