import * as pulumi from "@pulumi/pulumi";
import type { Registry } from "../../core/registry.ts";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";

/**
 * Credentials of an image registry. Give the password as a secret: `pulumi.secret(…)` or `config.requireSecret(…)`.
 *
 * @example { server: "ghcr.io", username: "shop-deploy", password: config.requireSecret("registryPassword") }
 */
export type RegistryArgs = { readonly [K in keyof Registry]: pulumi.Input<Registry[K]> };

/** A login as inputs of a resource. The user's name may be a secret as well (`username: [NAME]`), and says to whom the token belongs. */
export const sealedLogin = ({ server, username, password }: Registry): RegistryArgs => ({
  server,
  username: pulumi.secret(username),
  password: pulumi.secret(password),
});

export interface RegistryLoginArgs extends RegistryArgs {
  /**
   * The host that logs in.
   *
   * @example server.connection
   */
  readonly host: HostInput;
}

/** A registry login, verified from one host before anything else is changed there. The host does not store it. */
export class RegistryLogin extends DynamicResource<object> {
  constructor(name: string, args: RegistryLoginArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("registryLogin", name, args, opts);
  }
}
