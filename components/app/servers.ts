import type * as pulumi from "@pulumi/pulumi";
import type { Server } from "../server/server.ts";

/** One server, or several in order: the first one of the primary role runs the release command. */
export type Servers = Server | readonly (Server | ServerOfRole)[];

/** A server with what is particular to a role there. */
export interface ServerOfRole {
  /** @example web */
  readonly server: Server;
  /**
   * Names in `env.tags`, whose environment the role gets there. Default: none.
   *
   * @example ["eu"]
   */
  readonly tags?: readonly string[] | undefined;
  /**
   * Host names that reach the role there, instead of the role's. Default: as for the role.
   *
   * @example { host: "eu.example.com" }
   */
  readonly proxy?:
    | {
        readonly host?: pulumi.Input<string> | undefined;
        readonly hosts?: readonly pulumi.Input<string>[] | undefined;
        readonly canonicalHost?: pulumi.Input<string> | undefined;
      }
    | undefined;
}
