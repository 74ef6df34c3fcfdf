import * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../pulumi/dynamic.ts";
import { type CloudConfigArgs, cloudConfig } from "./cloud-config.ts";

/**
 * The SSH host key of a machine that does not exist yet, made in the program and given to the machine at its birth, so that nobody has
 * to trust what answers first. It stays the same for as long as the resource lives; the private half is a secret of the state.
 */
export class HostKey extends DynamicResource<{ host: string }> {
  /** `ssh-ed25519 AAAA…` */
  declare readonly publicKey: pulumi.Output<string>;
  /** As OpenSSH writes its file. */
  declare readonly privateKey: pulumi.Output<string>;

  /** @param name the host that gets it: `web-1` */
  constructor(name: string, opts: pulumi.CustomResourceOptions = {}) {
    const made = { publicKey: undefined, privateKey: undefined };
    super("hostKey", `${name}-host-key`, { host: name, ...made }, { ...opts, additionalSecretOutputs: ["privateKey"] });
  }

  /** User data for the machine that gets this key. */
  cloudConfig(args: Omit<CloudConfigArgs, "hostKey">): pulumi.Output<string> {
    const text = pulumi
      .all([this.privateKey, this.publicKey])
      .apply(([privateKey, publicKey]) => cloudConfig({ ...args, hostKey: { privateKey, publicKey } }));
    return pulumi.secret(text);
  }
}
