import type { Accessory } from "../../config/index.ts";
import type { AccessoryContainer } from "../../core/accessory/container.ts";
import { specOf } from "../../core/accessory/spec.ts";
import { publishedPorts } from "../../core/container/host-port.ts";
import { omitUndefined } from "../../core/values.ts";
import type { HostName } from "../../core/words.ts";
import type { AccessoryInputs } from "../../providers/accessory/inputs.ts";
import { declareEnv, fingerprintsOf, type SecretsOfApp, secretsNamed } from "./env.ts";

/** The inputs of an accessory that the config alone decides. */
type Declared = Omit<AccessoryInputs, "schema" | "stack" | "host" | "status">;

/** @example declareAccessory(config, db, "web-1") */
export function declareAccessory(app: SecretsOfApp, accessory: Accessory, host: HostName): Declared {
  const { name, container, image, containerPort, ready, proxy, registry, stopTimeout, bootTimeout, data, startEmpty } = accessory;
  const decides = declareContainer(app, accessory, host);
  return {
    service: app.service,
    accessory: name,
    container,
    image,
    spec: specOf(decides),
    ...decides,
    ...(accessory.files.length === 0 ? {} : { fileFingerprints: fingerprintsOf(app, accessory.files) }),
    ...omitUndefined({ destination: app.destination, containerPort, proxy, registry, startEmpty: startEmpty || undefined }),
    ready,
    stopTimeout,
    bootTimeout,
    data,
    secrets: secretsNamed(app, Object.values(decides.secretEnv)),
  };
}

function declareContainer(app: SecretsOfApp, accessory: Accessory, host: HostName): AccessoryContainer {
  const { preset, command, network, files, directories, mounts, labels, options, logging } = accessory;
  return {
    ...omitUndefined({ preset, command, network }),
    publish: publishedPorts(accessory),
    ...declareEnv(app, accessory.on[host] ?? accessory.env),
    files,
    directories,
    mounts,
    labels,
    options,
    logging,
  };
}
