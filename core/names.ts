import type { ContainerName, RoleName } from "./words.ts";

/** What the names of an app's things on a host begin with; the destination keeps several deployments apart. */
export interface App {
  readonly service: string;
  /** Absent: names as Kamal makes them without a destination. */
  readonly destination?: string | undefined;
}

/** `shop-web-production`: the parts between service and destination, as Kamal joins them. */
const joined = ({ service, destination }: App, ...parts: string[]): string =>
  [service, ...parts, ...(destination === undefined ? [] : [destination])].join("-");

/** @example appName({ service: "shop", destination: "production" }) // "shop-production" */
export const appName = (app: App): string => joined(app);

/**
 * What the containers of a role are named after, and the name of its route in kamal-proxy.
 *
 * @example prefixOf({ service: "shop", destination: "production" }, "web") // "shop-web-production"
 */
export const prefixOf = (app: App, role: RoleName): string => joined(app, role);

/**
 * The container of an accessory. With the destination, so that two stacks can share a host.
 *
 * @example accessoryContainer({ service: "shop", destination: "production" }, "db") // "shop-db-production"
 */
export const accessoryContainer = (app: App, accessory: string): ContainerName => joined(app, accessory);

/**
 * The volume that an accessory gets for a folder which its image declares as one.
 *
 * @example accessoryVolume("shop-db-production", "/var/lib/mysql") // "shop-db-production-var-lib-mysql"
 */
export const accessoryVolume = (container: ContainerName, path: string): string =>
  [container, ...path.split("/")]
    .map((part) => part.replace(/[^a-zA-Z0-9_.-]+/g, "-"))
    .filter(Boolean)
    .join("-");

/** `shop-schedule-production` */
export const schedulerContainer = (app: App): ContainerName => joined(app, "schedule");

/** `shop-job-cleanup-production` */
export const jobContainer = (app: App, job: string): ContainerName => joined(app, "job", job);

/** The folder of kamal-proxy's volume, as its container sees it: its state, its certificates, and the files that we put there. */
export const PROXY_FOLDER = "/home/kamal-proxy/.config/kamal-proxy";

/** Where an app's certificates and error pages are, below `PROXY_FOLDER`. */
export const proxyFilesFolder = (app: App): string => `slipway/${appName(app)}`;
