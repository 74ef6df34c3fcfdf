import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../config/index.ts";
import type { SlipwayError } from "../../core/error.ts";

/** A value whose parts may be known to the engine alone. */
export type Inputs<T> = { readonly [K in keyof T]: pulumi.Input<T[K]> };

/** A config, some values of which may be outputs of other resources. */
export interface Configured {
  /** What decides which resources there are. Values that are outputs have a placeholder here. */
  readonly shape: Config;
  /** Rejects with what is wrong with values that were outputs. It is to be reported once; what is derived waits for it. */
  readonly checked: Promise<unknown>;
  /** What follows from the config; an output where it depends on one. @example config.derive(declareApp) */
  derive<T extends object>(from: (config: Config) => T): Inputs<T>;
  /** The same for what is asked of registries. */
  ask<T>(from: (config: Config) => Promise<T>): pulumi.Input<T>;
  /** A further check. Throws its error at once where no output can change it. */
  refuseIf(faultOf: (config: Config) => SlipwayError | undefined): void;
}

/** A config that is known completely, as that of a stack's file is. */
export const plainly = (config: Config): Configured => ({
  shape: config,
  checked: Promise.resolve(),
  derive: (from) => from(config),
  ask: (from) => from(config),
  refuseIf: (faultOf) => {
    const fault = faultOf(config);
    if (fault !== undefined) throw fault;
  },
});
