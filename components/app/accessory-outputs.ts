import type * as pulumi from "@pulumi/pulumi";
import type { HostName } from "../../core/words.ts";

/**
 * A port of a server that leads to an accessory.
 *
 * @example shop.accessories.db.published["db-1"]
 */
export interface PublishedPort {
  /**
   * The address that `port` of the accessory names; without one, with `public: true`, its server's.
   *
   * @example "10.0.0.5"
   */
  readonly host: pulumi.Output<string>;
  /**
   * The port of the server.
   *
   * @example 5432
   */
  readonly port: pulumi.Output<number>;
  /**
   * As `url` of the accessory, with this host and port. Default: undefined, unless image and environment decide it.
   *
   * @example "postgres://app:p%40ss@10.0.0.5:5432/shop"
   */
  readonly url: pulumi.Output<string> | undefined;
}

/**
 * How an accessory is reached. What takes one of its outputs waits until it runs on all its servers.
 *
 * @example shop.accessories.db
 */
export interface AccessoryOutputs {
  /**
   * The names of the servers that it runs on, sorted.
   *
   * @example ["db-1"]
   */
  readonly hosts: readonly HostName[];
  /**
   * What `${accessories.db.host}` is in the app's environment: the container's name for an app on the same server, else the published
   * address. Default: undefined, if the app cannot reach it, or reaches it in different ways from different servers.
   *
   * @example "shop-db-production"
   */
  readonly host: pulumi.Output<string> | undefined;
  /**
   * What `${accessories.db.port}` is in the app's environment. Default: undefined, as for `host`, and if no port is known.
   *
   * @example 5432
   */
  readonly port: pulumi.Output<number> | undefined;
  /**
   * The URL with this host and port, user and password as its environment has them, percent-encoded; a secret if a part of it is.
   * Default: undefined, unless image and environment decide it: PostgreSQL with POSTGRES_PASSWORD, MySQL and MariaDB with a user and its
   * password, Redis and Valkey with REDIS_PASSWORD or without any password.
   *
   * @example "postgres://app:p%40ss@shop-db-production:5432/shop"
   */
  readonly url: pulumi.Output<string> | undefined;
  /**
   * Server name → the port that it publishes there for other machines. Default: empty, if it publishes none, or on loopback only.
   *
   * @example { "db-1": { host: "10.0.0.5", port: 5432, url: "postgres://app:p%40ss@10.0.0.5:5432/shop" } }
   */
  readonly published: Readonly<Record<HostName, PublishedPort>>;
}
