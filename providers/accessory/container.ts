import { PRESETS } from "../../core/accessory/preset.ts";
import type { Mount } from "../../core/container/mount.ts";
import { STACK_LABEL } from "../../core/owner.ts";
import type { CreateBody } from "../../hosts/index.ts";
import { bodyOf } from "../container/body.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { networkOf } from "./plan.ts";

/** Labels that identify an accessory's containers and volumes. */
export const LABEL = {
  accessory: "slipway.accessory",
  /** Kamal's label: the container's own name. */
  service: "service",
  spec: "slipway.spec",
  stack: STACK_LABEL,
  image: "slipway.image",
  /** On a temporary container: the container that it was created for. */
  helper: "slipway.helper",
} as const;

/** A container or volume with all of these belongs to this accessory. */
export const ownLabels = ({ accessory, container }: Pick<AccessoryInputs, "accessory" | "container">) => ({
  [LABEL.accessory]: accessory,
  [LABEL.service]: container,
});

/** Docker's own networks: they always exist, and have no name resolution. */
const BUILT_IN: ReadonlySet<string> = new Set(["host", "none", "bridge"]);

export const isBuiltIn = (network: string): boolean => BUILT_IN.has(network);

/**
 * The request body that creates an accessory's container.
 *
 * @param image by digest if there is one
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
    // Some servers name their data after their host name: it must not change with the container.
    ...(network === "host" ? {} : { Hostname: container }),
    Env: Object.entries(environmentOf(inputs)).map(([name, value]) => `${name}=${value}`),
    Labels: labelsOf(inputs),
    ...(isBuiltIn(network) ? {} : { NetworkingConfig: { EndpointsConfig: calledBy(container, network, body) } }),
  };
}

/** Others find it by the name of its container, also while that has another name: until it has replaced the old one. */
function calledBy(
  container: string,
  network: string,
  { NetworkingConfig }: CreateBody,
): NonNullable<CreateBody["NetworkingConfig"]>["EndpointsConfig"] {
  const endpoints = Object.entries(NetworkingConfig?.EndpointsConfig ?? { [network]: {} });
  return Object.fromEntries(endpoints.map(([name, { Aliases = [] }]) => [name, { Aliases: [container, ...Aliases] }]));
}

const labelsOf = (inputs: AccessoryInputs): Record<string, string> => ({
  ...inputs.labels,
  ...ownLabels(inputs),
  [LABEL.spec]: inputs.spec,
  [LABEL.stack]: inputs.stack,
  [LABEL.image]: inputs.image,
});

/** Secrets enter a container only here and in its files. */
export const environmentOf = ({ env, secretEnv, secrets }: AccessoryInputs): Record<string, string> => ({
  ...env,
  ...Object.fromEntries(Object.entries(secretEnv).map(([name, source]) => [name, secrets[source] ?? ""])),
});
