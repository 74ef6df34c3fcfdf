import * as pulumi from "@pulumi/pulumi";
import type { Config, Accessory as Declared } from "../../config/index.ts";
import type { HostName } from "../../core/words.ts";
import { declareAccessory } from "../declare/accessory.ts";
import { DynamicResource, type HostInput, stackName } from "../pulumi/dynamic.ts";

export interface AccessoryArgs {
  readonly config: Config;
  readonly accessory: Declared;
  /** Which of its hosts. */
  readonly on: HostName;
  readonly host: HostInput;
}

/** A database or cache beside the app, on one host: changed in place, with its data where it is. */
export class Accessory extends DynamicResource<object> {
  constructor(name: string, { config, accessory, on, host }: AccessoryArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { registry, secrets, ...declared } = declareAccessory(config, accessory, on);
    const inputs = {
      ...declared,
      host,
      stack: stackName(),
      status: "running",
      secrets: pulumi.secret(secrets),
      ...(registry === undefined ? {} : { registry: { ...registry, password: pulumi.secret(registry.password) } }),
    };
    super("accessory", name, inputs, opts);
  }
}
