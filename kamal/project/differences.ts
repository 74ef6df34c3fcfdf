import type { KamalConfig } from "../files/read.ts";
import { nodeAt } from "../yaml/tree.ts";

/** What is different although nothing is written: the default of Kamal and ours, and how to have Kamal's. */
export function differencesOf({ root }: KamalConfig): string[] {
  const has = (...path: string[]) => nodeAt(root, path) !== undefined;
  const servers = nodeAt(root, ["servers"]);
  const roles = servers?.kind === "map" ? servers.entries.length : 1;
  return [
    ...(has("proxy", "buffering", "max_request_body") || has("proxy", "buffering", "requests")
      ? []
      : ["a request of more than 250 MB is answered with 413; to have no limit: slipway:proxy.buffering.max_request_body: 0"]),
    ...(roles < 2 || has("boot", "parallel_roles")
      ? []
      : ["the roles of a host switch together; one after the other: slipway:boot.parallel_roles: false"]),
  ];
}
