import { PROXY_IMAGE } from "../../../lab/proxy.ts";
import type { FaultFleet } from "./fleet.ts";

/** What the matrix ran on. */
export async function versionsOf({ lab }: FaultFleet): Promise<Readonly<Record<string, string>>> {
  const engines = await Promise.all(lab.hosts.map(async ({ docker }) => (await docker.version()).Version));
  return {
    Node: process.versions.node,
    Docker: [...new Set(engines)].join(", "),
    "kamal-proxy": PROXY_IMAGE.split(":")[1] ?? "",
  };
}
