import type { Accessory, Config } from "../../config/index.ts";
import type { HostName } from "../../core/words.ts";
import { written } from "../../core/written.ts";
import type { AccessoryInputs } from "../../providers/accessory/inputs.ts";
import { specOf } from "../../providers/accessory/spec.ts";
import { declareEnv } from "./env.ts";

/** The parts of an accessory's inputs that the config alone decides. */
type Declared = Omit<AccessoryInputs, "schema" | "stack" | "host" | "status">;

/** @example declareAccessory(config, db, "web-1") */
export function declareAccessory(config: Config, accessory: Accessory, host: HostName): Declared {
  const { service, destination } = config;
  const env = declareEnv(config, accessory.on[host] ?? accessory.env);
  const decides = { ...describeContainer(accessory), ...env };
  return {
    service,
    accessory: accessory.name,
    container: accessory.container,
    image: accessory.image,
    spec: specOf(decides),
    ...decides,
    ...written({
      destination,
      containerPort: accessory.containerPort,
      proxy: accessory.proxy,
      registry: accessory.registry,
    }),
    ready: accessory.ready,
    stopTimeout: accessory.stopTimeout,
    bootTimeout: accessory.bootTimeout,
    data: accessory.data,
    secrets: Object.fromEntries(Object.values(env.secretEnv).map((name) => [name, config.secrets[name] ?? ""])),
  };
}

const describeContainer = (accessory: Accessory) => ({
  ...written({ preset: accessory.preset, command: accessory.command, network: accessory.network }),
  publish: accessory.publish === undefined ? [] : [accessory.publish],
  files: accessory.files.map((file) => ({ ...written(file) })) as AccessoryInputs["files"],
  directories: accessory.directories.map((directory) => ({ ...written(directory) })) as AccessoryInputs["directories"],
  mounts: accessory.mounts,
  labels: accessory.labels,
  options: accessory.options,
  logging: accessory.logging,
});
