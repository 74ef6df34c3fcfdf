import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../config/index.ts";
import { omitUndefined } from "../../core/values.ts";
import { DynamicResource, type HostInput, ownerOf } from "../pulumi/dynamic.ts";

export interface TenancyArgs {
  /**
   * Which app is on the server, and the seconds that its requests in flight get.
   *
   * @example { service: "shop", destination: "production", drainTimeout: 30 }
   */
  readonly config: Pick<Config, "service" | "destination" | "adopt" | "drainTimeout">;
  /**
   * The server.
   *
   * @example server.connection
   */
  readonly host: HostInput;
}

/**
 * The app on a server that this stack creates. It is deleted before its server, and removes the app in good order: after the load
 * balancer has released the server, because the load balancer's target depends on it.
 */
export class Tenancy extends DynamicResource<object> {
  constructor(name: string, { config, host }: TenancyArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { service, destination, drainTimeout } = config;
    super(
      "tenancy",
      `${name}-tenancy`,
      { host, ...ownerOf(config.adopt), service, drainTimeout, ...omitUndefined({ destination }) },
      opts,
    );
  }
}
