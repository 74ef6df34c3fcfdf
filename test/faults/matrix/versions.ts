import { PROXY_IMAGE } from "../../../lab/proxy.ts";
import type { Stage } from "./stage.ts";

/** What the matrix ran on. */
export async function versionsOf({ lab }: Stage): Promise<Readonly<Record<string, string>>> {
  const engines = await Promise.all(
    lab.hosts.map(({ docker }) =>
      docker.version().then(
        ({ Version }) => [Version],
        // A host without Docker.
        () => [],
      ),
    ),
  );
  return {
    Node: process.versions.node,
    Docker: [...new Set(engines.flat())].join(", "),
    "kamal-proxy": PROXY_IMAGE.split(":")[1] ?? "",
  };
}
