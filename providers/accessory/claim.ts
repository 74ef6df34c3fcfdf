import type { Address } from "../../hosts/index.ts";
import type { Claim } from "../pulumi/claims.ts";

/** An accessory on one host, by its container. @example claimOfContainer(host, "shop-db-production") */
export const claimOfContainer = (host: Address, container: string): Claim => ({ host, thing: `container ${container}` });
