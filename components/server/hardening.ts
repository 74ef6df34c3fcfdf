import * as pulumi from "@pulumi/pulumi";
import type { Harden } from "../../config/index.ts";
import type { Seconds } from "../../core/words.ts";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";

export interface HardeningArgs {
  /** With the user who logs in before that. */
  readonly host: HostInput;
  readonly harden: Harden;
  /** What a machine that was just made may take until it lets us in; 0 for one that exists. */
  readonly patience: Seconds;
}

/** SSH of one host by key only and not for root, with a user of its own for all that is done there. Stays when this goes. */
export class Hardening extends DynamicResource<object> {
  /**
   * Where and as whom all others reach the host. Known before the run, so that their plans are, too: whoever uses it has to depend on
   * this resource by `dependsOn`.
   */
  readonly address: HostInput;

  constructor(name: string, { host, harden: { user }, patience }: HardeningArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("hardening", name, { host, user, patience, status: "key only, no root login" }, opts);
    const isLater = pulumi.Output.isInstance(host) || host instanceof Promise;
    this.address = isLater ? pulumi.output(host).apply((known) => ({ ...known, user })) : { ...host, user };
  }
}
