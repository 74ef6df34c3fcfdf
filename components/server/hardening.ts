import type * as pulumi from "@pulumi/pulumi";
import type { Harden } from "../../config/index.ts";
import type { Seconds } from "../../core/words.ts";
import { DynamicResource, type HostFields } from "../pulumi/dynamic.ts";

export interface HardeningArgs {
  /**
   * The host, with the user who logs in before it is hardened.
   *
   * @example { name: "web-1", address: "203.0.113.10", port: 22, user: "root" }
   */
  readonly host: HostFields;
  /**
   * The user who logs in afterwards.
   *
   * @example { user: "deploy" }
   */
  readonly harden: Harden;
  /**
   * Seconds to wait until a new machine accepts logins; 0 for an existing machine.
   *
   * @example 600
   */
  readonly patience: Seconds;
}

/** SSH of one host: by key only, not for root, with a user of its own for all later work. It stays when the stack is destroyed. */
export class Hardening extends DynamicResource<object> {
  /**
   * How all other resources reach the host. Known before the run, so that their plans are known too; a resource that uses it must
   * depend on this one by `dependsOn`.
   */
  readonly address: HostFields;

  constructor(name: string, args: HardeningArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("hardening", name, hardeningInputs(args), opts);
    this.address = { ...args.host, user: args.harden.user };
  }
}

/** What its provider takes. */
export const hardeningInputs = ({ host, harden: { user }, patience }: HardeningArgs) => ({
  host,
  user,
  patience,
  status: "key only, no root login",
});
