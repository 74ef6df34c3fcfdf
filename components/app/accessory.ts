import type * as pulumi from "@pulumi/pulumi";
import type { HostName } from "../../core/words.ts";
import { declareAccessory } from "../declare/accessory.ts";
import { named } from "../declare/named.ts";
import type { Configured } from "../pulumi/configured.ts";
import { DynamicResource, type HostInput, ownerOf } from "../pulumi/dynamic.ts";
import { protectedIf } from "../pulumi/protected.ts";
import { sealed } from "../pulumi/sealed.ts";
import { sealedIfAny } from "../server/registry-login.ts";

export interface AccessoryResourceArgs {
  /**
   * The app it belongs to, and the secrets that its environment refers to.
   *
   * @example plainly(config)
   */
  readonly config: Configured;
  /**
   * Its name in the config.
   *
   * @example "db"
   */
  readonly accessory: string;
  /**
   * Which of the accessory's hosts.
   *
   * @example "db-1"
   */
  readonly on: HostName;
  /**
   * How that host is reached.
   *
   * @example server.connection
   */
  readonly host: HostInput;
}

/** A database, cache or other service beside the app, on one host: changed in place, its data stays where it is. */
export class Accessory extends DynamicResource<object> {
  constructor(name: string, { config, accessory, on, host }: AccessoryResourceArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { secrets, files, ...declared } = config.derive((own) => declareAccessory(own, named(own, accessory), on));
    // Whether there is a login depends on the image.
    const { registry } = config.derive((own) => ({ registry: named(own, accessory).registry }));
    const inputs = {
      ...declared,
      host,
      ...ownerOf(config.shape.adopt),
      status: "running",
      secrets: sealed(secrets),
      files: named(config.shape, accessory).files.length === 0 ? files : sealed(files),
      registry: sealedIfAny(registry),
    };
    super("accessory", name, inputs, { ...protectedIf(named(config.shape, accessory).protect), ...opts });
  }
}
