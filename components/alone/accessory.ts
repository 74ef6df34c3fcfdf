import * as pulumi from "@pulumi/pulumi";
import { omitUndefined } from "../../core/values.ts";
import type { HostName } from "../../core/words.ts";
import { Accessory as Container } from "../app/accessory.ts";
import type { AccessoryOutputs, PublishedPort } from "../app/accessory-outputs.ts";
import { configOf } from "../app/app-config.ts";
import { closedPorts } from "../app/closed-ports.ts";
import { outputsOfAccessories } from "../app/outputs-of-accessories.ts";
import { Schedule } from "../app/schedule.ts";
import { refuseSharedNames } from "../app/shared-names.ts";
import type { Configured } from "../pulumi/configured.ts";
import { reportOnce } from "../pulumi/report-once.ts";
import type { Server } from "../server/server.ts";
import type { StandaloneAccessoryArgs } from "./accessory-args.ts";
import { valuesOf } from "./accessory-values.ts";

/**
 * A database, cache or other service on a server, without an app: changed in place with its data kept, and backed up, as an accessory of
 * an `App` is. Its name need not differ from that of an app.
 *
 * @example
 * const db = new slipway.Accessory("db", {
 *   server: data,
 *   image: "postgres:17.2",
 *   env: { clear: { POSTGRES_DB: "shop" }, secret: { POSTGRES_PASSWORD: password } },
 * });
 * export const url = db.url;
 */
export class Accessory extends pulumi.ComponentResource implements AccessoryOutputs {
  /**
   * The name of its server.
   *
   * @example ["db-1"]
   */
  readonly hosts: readonly HostName[];
  /**
   * The container's name, by which containers in the network `kamal` of the same server reach it, such as those of an app; in a network of
   * its own, the published address. Default: undefined, if none is published there.
   *
   * @example "db-production"
   */
  readonly host: pulumi.Output<string> | undefined;
  /**
   * The port that belongs to `host`. Default: undefined, as for `host`, and if no port is known.
   *
   * @example 5432
   */
  readonly port: pulumi.Output<number> | undefined;
  /**
   * The URL with this host and port, user and password as its environment has them, percent-encoded; a secret if a part of it is.
   * Default: undefined, unless image and environment decide it: PostgreSQL with POSTGRES_PASSWORD, MySQL and MariaDB with a user and its
   * password, Redis and Valkey with REDIS_PASSWORD or without any password.
   *
   * @example "postgres://postgres:p%40ss@db-production:5432/shop"
   */
  readonly url: pulumi.Output<string> | undefined;
  /**
   * Server name → the port that it publishes there for other machines. Default: empty, if it publishes none, or on loopback only.
   *
   * @example { "db-1": { host: "10.0.0.5", port: 5432, url: "postgres://postgres:p%40ss@10.0.0.5:5432/shop" } }
   */
  readonly published: Readonly<Record<HostName, PublishedPort>>;

  /** @param name its name in the commands (`slipway accessory logs db`); its container has the stack's name as well: `db-production` */
  constructor(name: string, args: StandaloneAccessoryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:Accessory", name, {}, opts);
    const values = valuesOf(name, args);
    const { server } = args;
    const servers = new Map([[server.name, server]]);
    const config = configOf(values);
    config.refuseIf((own) => closedPorts(`the accessory ${name}`, own, servers));
    refuseSharedNames(`the accessory ${name}`, config.shape, servers);
    reportOnce(config.checked);
    const container = this.declareContainer(name, config, server, opts);
    this.declareBackup(name, config, server, container);

    const { [name]: outputs } = outputsOfAccessories({ config, servers, made: new Map([[name, [container]]]) });
    this.hosts = [server.name];
    this.host = outputs?.host;
    this.port = outputs?.port;
    this.url = outputs?.url;
    this.published = outputs?.published ?? {};
    const { hosts, host, port, url, published } = this;
    this.registerOutputs({ hosts, host, port, url, published });
  }

  private declareContainer(
    name: string,
    config: Configured,
    { name: on, connection: host, ready }: Server,
    { protect, retainOnDelete }: pulumi.ComponentResourceOptions = {},
  ): Container {
    const args = { config, accessory: name, on, host };
    // Pulumi's SDK passes protect on to children that do not say it themselves, and retainOnDelete to none.
    const opts = { parent: this, dependsOn: [...ready], ...omitUndefined({ protect, retainOnDelete }) };
    return new Container(`${name}-${on}`, args, opts);
  }

  private declareBackup(name: string, config: Configured, { name: on, connection: host }: Server, container: Container): void {
    if (config.shape.accessories.every(({ backup }) => backup === undefined)) return;
    new Schedule(`${name}-${on}-schedule`, { config, on, host }, { parent: this, dependsOn: [container] });
  }
}
