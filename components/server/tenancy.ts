import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../config/index.ts";
import { DynamicResource, type HostInput, stackName } from "../pulumi/dynamic.ts";

export interface TenancyArgs {
  readonly config: Pick<Config, "service" | "destination" | "drainTimeout">;
  readonly host: HostInput;
}

/**
 * The app's stay on a server that this stack made. When the server goes, this goes before it, and takes the app down in good order:
 * after the load balancer has let the server go, since its target depends on this.
 */
export class Tenancy extends DynamicResource<object> {
  constructor(name: string, { config, host }: TenancyArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { service, destination, drainTimeout } = config;
    const inputs = { host, stack: stackName(), service, drainTimeout };
    super("tenancy", `${name}-tenancy`, { ...inputs, ...(destination === undefined ? {} : { destination }) }, opts);
  }
}
