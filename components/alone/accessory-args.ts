import type { AccessoryArgs, AppArgs } from "../app/args.ts";
import type { Server } from "../server/server.ts";

/** Where an accessory of an app runs. One without an app has its server. */
type Placement = "host" | "hosts" | "role" | "roles" | "tag" | "tags";

/** A database, cache or other service without an app: an accessory's own arguments, and those of an app that concern it. */
export interface StandaloneAccessoryArgs
  extends Omit<AccessoryArgs, Placement | "service">,
    Pick<AppArgs, "secrets" | "schedule" | "readinessDelay" | "adopt"> {
  /**
   * The server that it runs on.
   *
   * @example data
   */
  readonly server: Server;
  /**
   * The name of its container, of its folder and of its volumes.
   * Default: <name>-<stack>.
   * Refused: a name that an app, or another accessory, of this program has on the server.
   *
   * @example "shop-db"
   */
  readonly service?: string | undefined;
}
