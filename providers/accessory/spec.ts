import { stableHash } from "../../core/hash.ts";
import type { AccessoryInputs } from "./inputs.ts";

const SHORT = 8;

/**
 * What decides a container beside its image. The image is compared as it is written, and its digest not at all: a tag that moves in
 * the registry replaces no database. What is done around a container does not decide it either: proof, route, stop, removal.
 */
export type Decides = Pick<
  AccessoryInputs,
  | ("preset" | "command" | "publish" | "env" | "secretEnv" | "secretsFingerprint" | "files" | "directories" | "mounts")
  | ("labels" | "options" | "network" | "logging")
>;

/** First 8 of the spec hash: equal for equal specs, on every machine. What Docker can set on a container that runs is left out. */
export function specOf({ options, ...inputs }: Decides): string {
  const { memory: _memory, cpus: _cpus, restart: _restart, ...fixed } = options;
  const { preset, command, publish, env, secretEnv, secretsFingerprint } = inputs;
  const { files, directories, mounts, labels, network, logging } = inputs;
  const spec = {
    ...{ preset, command, publish, env, secretEnv, secretsFingerprint },
    ...{ files, directories, mounts, labels, network, logging, options: fixed },
  };
  return stableHash(spec).slice(0, SHORT);
}
