import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../config/index.ts";
import { command } from "../server/setup.ts";

/** What a hook is told of the release, as environment variables. */
export interface HookArgs {
  readonly commands: readonly string[];
  readonly config: Pick<Config, "service" | "destination" | "hosts" | "roles">;
  readonly release: pulumi.Input<{ readonly version: string; readonly image: string; readonly release: string }>;
}

/** A person's own commands on the machine that deploys, once for each release, at their place in the graph. */
export class Hook extends pulumi.ComponentResource {
  readonly done: pulumi.Resource;

  constructor(name: string, { commands, config, release }: HookArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:Hook", name, {}, opts);
    const create = ["set -e", ...commands, ""].join("\n");
    const environment = pulumi.output(release).apply((known) => factsOf(config, known));
    const triggers = [pulumi.output(release).apply((known) => known.release)];
    const dependsOn = opts?.dependsOn;
    const own = { parent: this, ...(dependsOn === undefined ? {} : { dependsOn }) };
    this.done = new (command().local.Command)(name, { create, environment, triggers, addPreviousOutputInEnv: false }, own);
    this.registerOutputs({});
  }
}

const factsOf = (
  { service, destination = "", hosts, roles }: HookArgs["config"],
  { version, image, release }: pulumi.Unwrap<HookArgs["release"]>,
): Record<string, string> => ({
  SLIPWAY_SERVICE: service,
  SLIPWAY_STACK: pulumi.getStack(),
  SLIPWAY_DESTINATION: destination,
  SLIPWAY_VERSION: version,
  SLIPWAY_IMAGE: image,
  SLIPWAY_RELEASE: release,
  SLIPWAY_HOSTS: hosts.map(({ name }) => name).join(","),
  SLIPWAY_ROLES: roles.map(({ name }) => name).join(","),
});
