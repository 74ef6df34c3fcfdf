import { parsePart, type ServerParts } from "../../config/index.ts";
import { omitUndefined } from "../../core/values.ts";
import type { HostName, Seconds } from "../../core/words.ts";
import type { HostFields } from "../pulumi/dynamic.ts";
import type { ConnectionArgs } from "../server/connection-args.ts";
import { patienceAt } from "../server/patience.ts";
import { refuseOutputs } from "../server/refuse-outputs.ts";

/** One part of a machine that has no `Server`. */
export interface MachinePart<K extends keyof ServerParts> {
  readonly host: HostFields;
  /** Seconds to wait until a new machine accepts logins. */
  readonly patience: Seconds;
  /** Its arguments, complete. */
  readonly own: ServerParts[K];
}

/** What errors call a part. */
const CALLED: { readonly [K in keyof ServerParts]: string } = {
  docker: "the Docker engine",
  firewall: "the firewall",
  harden: "the hardening",
  proxy: "the proxy",
};

/** Reads the arguments of a part as those of a server are read. @param name the machine, in messages and in `slipway:ssh` */
export function machinePart<K extends keyof ServerParts>(
  part: K,
  name: HostName,
  { address, hostKey, port = 22, user = "root" }: ConnectionArgs,
  args: object,
): MachinePart<K> {
  const file = `the arguments of ${CALLED[part]} ${name}`;
  refuseOutputs(file, { ...args, port, user }, "it is checked before anything is changed");
  const own = parsePart(part, { name, file, hostKey: typeof hostKey === "string" ? hostKey : undefined }, args);
  return { host: { name, address, port, user, ...omitUndefined({ hostKey }) }, patience: patienceAt(address), own };
}
