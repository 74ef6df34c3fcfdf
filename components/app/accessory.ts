import * as pulumi from "@pulumi/pulumi";
import type { Accessory as Declared } from "../../config/index.ts";
import type { HostName } from "../../core/words.ts";
import { declareAccessory } from "../declare/accessory.ts";
import type { SecretsOfApp } from "../declare/env.ts";
import { DynamicResource, type HostInput, ownerOf } from "../pulumi/dynamic.ts";
import { sealedLogin } from "../server/registry-login.ts";

export interface AccessoryArgs {
  /**
   * The app it belongs to, and the secrets that its environment refers to.
   *
   * @example { service: "shop", destination: "production", secrets: config.secrets }
   */
  readonly config: SecretsOfApp;
  /**
   * What runs there, resolved.
   *
   * @example config.accessories[0]
   */
  readonly accessory: Declared;
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
  constructor(name: string, { config, accessory, on, host }: AccessoryArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { registry, secrets, ...declared } = declareAccessory(config, accessory, on);
    const inputs = {
      ...declared,
      host,
      ...ownerOf(config.adopt),
      status: "running",
      secrets: pulumi.secret(secrets),
      ...(registry === undefined ? {} : { registry: sealedLogin(registry) }),
    };
    super("accessory", name, inputs, opts);
  }
}
