import * as pulumi from "@pulumi/pulumi";
import type { Registry } from "../../core/registry.ts";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";

/**
 * Credentials of an image registry.
 *
 * @example { server: "ghcr.io", username: "shop-deploy", password: config.requireSecret("registryPassword") }
 */
export interface RegistryCredentials {
  /**
   * The registry, `host` or `host:port`; `docker.io` is Docker Hub.
   *
   * @example "ghcr.io"
   */
  readonly server: pulumi.Input<string>;
  /**
   * Who logs in.
   *
   * @example "shop-deploy"
   */
  readonly username: pulumi.Input<string>;
  /**
   * The password or token, as a secret: `pulumi.secret(…)` or `config.requireSecret(…)`.
   *
   * @example config.requireSecret("registryPassword")
   */
  readonly password: pulumi.Input<string>;
  /**
   * Whether the password is a token that expires, as those of ECR and Artifact Registry, and is a different one in each run: a different one
   * alone is no change then.
   *
   * Default: false.
   *
   * @example true
   */
  readonly expires?: pulumi.Input<boolean | undefined>;
}

/** A login as inputs of a resource. The user's name may be a secret as well (`username: [NAME]`), and says to whom the token belongs. */
export const sealedLogin = ({ server, username, password, expires }: RegistryCredentials): RegistryCredentials => ({
  server,
  username: pulumi.secret(username),
  password: pulumi.secret(password),
  ...(expires === undefined ? {} : { expires }),
});

/** The same of a login that there may not be. */
export function sealedIfAny(login: pulumi.Input<Registry | undefined>): pulumi.Input<RegistryCredentials | undefined> {
  if (login instanceof Promise || pulumi.Output.isInstance(login))
    return pulumi.output(login).apply((known) => known && sealedLogin(known));
  return login && sealedLogin(login as Registry);
}

export interface RegistryLoginArgs extends RegistryCredentials {
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
