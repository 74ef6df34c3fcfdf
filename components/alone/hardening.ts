import type * as pulumi from "@pulumi/pulumi";
import { after } from "../pulumi/after.ts";
import { DynamicResource } from "../pulumi/dynamic.ts";
import type { HardenArgs } from "../server/args.ts";
import type { ConnectionArgs } from "../server/connection-args.ts";
import { hardeningInputs } from "../server/hardening.ts";
import { asPatient } from "../server/patience.ts";
import { machinePart } from "./machine-part.ts";

/** How SSH reaches a machine before it is hardened, and what is made of that. */
export interface HardeningArgs extends ConnectionArgs {
  /**
   * Who logs in from then on. Apart from the rest, because `user` is who logs in before.
   * Default: { user: "deploy" }.
   *
   * @example { user: "ship" }
   */
  readonly harden?: HardenArgs | undefined;
}

/**
 * SSH of a machine that has no `Server`: by key only, not for root, with a user of its own. It stays when it leaves the program.
 *
 * @example
 * const ssh = new slipway.Hardening("db-1", { address: "203.0.113.20" });
 * new slipway.Firewall("db-1", { ...ssh.connection, allow: [{ port: 5432, from: ["10.0.0.0/16"] }] });
 */
export class Hardening extends DynamicResource<object> {
  /**
   * How SSH reaches the machine from then on: arguments for other parts of it, or for a `Server`. What takes them waits until it is hardened.
   *
   * @example { address: "203.0.113.20", port: 22, user: "deploy" }
   */
  readonly connection: ConnectionArgs;

  /** @param name the machine, in messages and in `slipway:ssh`: `db-1` */
  constructor(name: string, args: HardeningArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { harden = {}, address, hostKey, port, user, ...rest } = args;
    const { host, patience, own } = machinePart("harden", name, { address, hostKey, port, user }, { ...rest, ...harden });
    super("hardening", name, hardeningInputs({ host, patience, harden: own }), opts);
    this.connection = { address: asPatient(address, after([this], address)), hostKey, port: port ?? 22, user: own.user };
  }
}
