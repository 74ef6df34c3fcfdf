import { PRESETS } from "../../core/accessory/preset.ts";
import type { Mount } from "../../core/container/mount.ts";
import type { CreateBody } from "../../hosts/index.ts";
import { bodyOf } from "../container/body.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { networkOf } from "./plan.ts";

/** Labels by which an accessory's containers and volumes are found again. */
export const LABEL = {
  accessory: "slipway.accessory",
  /** Kamal's: the container's own name. */
  service: "service",
  spec: "slipway.spec",
  stack: "slipway.stack",
  image: "slipway.image",
  /** Of a container that helps for a moment: what it helps. */
  helper: "slipway.helper",
} as const;

/** What carries all of these is this accessory's. */
export const ownLabels = ({ accessory, container }: Pick<AccessoryInputs, "accessory" | "container">) => ({
  [LABEL.accessory]: accessory,
  [LABEL.service]: container,
});

/** Networks that are Docker's own: there are no names in them, and nobody makes them. */
const BUILT_IN: ReadonlySet<string> = new Set(["host", "none", "bridge"]);

export const isBuiltIn = (network: string): boolean => BUILT_IN.has(network);

/**
 * The container of an accessory, as the Engine API takes it.
 *
 * @param image what is run: by digest, where there is one
 */
export function accessoryBody(inputs: AccessoryInputs, image: string, mounts: readonly Mount[]): CreateBody {
  const { container, command, publish, logging, stopTimeout, preset } = inputs;
  const network = networkOf(inputs);
  const signal = preset && PRESETS[preset].stopSignal;
  const options = { ...(signal === undefined ? {} : { stopSignal: signal }), ...inputs.options };
  const ports = publish.length === 0 ? undefined : publish;
  const body = bodyOf({ image, command, options, publish: ports, mounts, logging, network, stopTimeout });
  return {
    ...body,
    // Servers that name their data by their host find it again in the container that takes their place.
    ...(network === "host" ? {} : { Hostname: container }),
    Env: Object.entries(environmentOf(inputs)).map(([name, value]) => `${name}=${value}`),
    Labels: labelsOf(inputs),
    ...(isBuiltIn(network) ? {} : { NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [container] } } } }),
  };
}

const labelsOf = (inputs: AccessoryInputs): Record<string, string> => ({
  ...inputs.labels,
  ...ownLabels(inputs),
  [LABEL.spec]: inputs.spec,
  [LABEL.stack]: inputs.stack,
  [LABEL.image]: inputs.image,
});

/** Secrets enter a container here and in its files, and nowhere else. */
export const environmentOf = ({ env, secretEnv, secrets }: AccessoryInputs): Record<string, string> => ({
  ...env,
  ...Object.fromEntries(Object.entries(secretEnv).map(([name, source]) => [name, secrets[source] ?? ""])),
});
