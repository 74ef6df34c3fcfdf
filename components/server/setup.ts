import * as pulumi from "@pulumi/pulumi";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";

export interface SetupArgs {
  /**
   * The server that runs them.
   *
   * @example server.connection
   */
  readonly host: HostInput;
  /**
   * The role whose commands they are.
   *
   * @example "web"
   */
  readonly role: string;
  /**
   * Shell commands, run in order until one fails.
   *
   * @example ["sysctl -w vm.overcommit_memory=1"]
   */
  readonly commands: readonly string[];
}

/** The user's own commands on a new server: run once, and again when they change. Their effect is not observed. */
export class Setup extends DynamicResource<object> {
  constructor(name: string, { host, role, commands }: SetupArgs, opts: pulumi.CustomResourceOptions = {}) {
    // Earlier versions ran them through @pulumi/command, in a component of this name.
    const component = pulumi.createUrn(name, "slipway:Setup", opts.parent);
    const aliases = [...(opts.aliases ?? []), { type: "command:remote:Command", parent: component }];
    super("setup", name, { host, role, commands: [...commands] }, { ...opts, aliases });
  }
}
