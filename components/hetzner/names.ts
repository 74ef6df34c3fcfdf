import * as pulumi from "@pulumi/pulumi";
import type { Seconds } from "../../core/words.ts";
import { type Hcloud, hcloud } from "./hcloud.ts";

export interface HetznerNamesArgs {
  /**
   * A zone of Hetzner DNS.
   *
   * @example "example.com"
   */
  readonly zone: string;
  /**
   * Host name → its IPv4 addresses.
   *
   * @example { "shop.example.com": [server.ipv4Address] }
   */
  readonly names: Readonly<Record<string, pulumi.Input<pulumi.Input<string>[]>>>;
}

const TTL: Seconds = 300;

/** A records of the app's host names in one zone. Host names of other zones are ignored. */
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
