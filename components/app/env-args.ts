import type * as pulumi from "@pulumi/pulumi";

/**
 * Environment of containers. A value that is an output of another resource is treated as a secret: sealed in the state, masked in what is shown.
 *
 * @example { LOG_LEVEL: "info", DATABASE_URL: db.connectionUri }
 */
export type EnvArgs = Readonly<Record<string, pulumi.Input<string | number | boolean>>> | SplitEnvArgs;

export interface SplitEnvArgs {
  /**
   * Values that are not secret. `${accessories.db.host}` and the like are replaced by the values of that accessory.
   *
   * @example { LOG_LEVEL: "info" }
   */
  readonly clear?: Readonly<Record<string, pulumi.Input<string | number | boolean>>> | undefined;
  /**
   * Secret values by the name of their variable, or names in `secrets`: NAME, or NAME_IN_CONTAINER:NAME_OF_SECRET.
   *
   * @example { DATABASE_URL: db.connectionUri }
   */
  readonly secret?: Readonly<Record<string, pulumi.Input<string | number | boolean>>> | readonly string[] | undefined;
}

export interface RootSplitEnvArgs extends SplitEnvArgs {
  /**
   * Environment of servers with a tag, over the role's. If a server has several tags, the last one takes precedence.
   *
   * @example { eu: { REGION: "eu" } }
   */
  readonly tags?: Readonly<Record<string, EnvArgs>> | undefined;
}

/** Environment of all containers of an app, with tags for some of its servers. @example { clear: { REGION: "us" }, tags: { eu: { REGION: "eu" } } } */
export type RootEnvArgs = EnvArgs | RootSplitEnvArgs;
