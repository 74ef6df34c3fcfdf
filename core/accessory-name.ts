import type { ContainerName } from "./words.ts";

/**
 * Kamal's name of an accessory's container, with the destination, so that two stacks can share a host.
 *
 * @example accessoryContainer("shop", "db", "production") // "shop-db-production"
 */
export const accessoryContainer = (service: string, accessory: string, destination: string | undefined): ContainerName =>
  [service, accessory, ...(destination === undefined ? [] : [destination])].join("-");
