import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource, type HostInput } from "../pulumi/dynamic.ts";

/** Credentials of an image registry. */
export interface RegistryArgs {
  /** `ghcr.io`, `registry.example.com:5000`, `docker.io`. */
  readonly server: pulumi.Input<string>;
  readonly username: pulumi.Input<string>;
  /** Give it as a secret: `pulumi.secret(…)` or `config.requireSecret(…)`. */
  readonly password: pulumi.Input<string>;
}

/** A registry login, proved from one host before anything else is changed there. The host does not keep it. */
export class RegistryLogin extends DynamicResource<object> {
  constructor(name: string, args: RegistryArgs & { host: HostInput }, opts: pulumi.CustomResourceOptions = {}) {
    super("registryLogin", name, args, opts);
  }
}
