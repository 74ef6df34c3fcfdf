import { z } from "zod";
import type { Kept } from "../stack/checkpoint.ts";
import type { Released } from "../stack/release-history.ts";

/** What the last look found, as far as it says which images a host has. */
const Seen = z.object({
  hosts: z.record(z.string(), z.unknown()),
  fleet: z.record(z.string(), z.object({ containers: z.array(z.object({ release: z.string().optional() })).default([]) })),
});

/**
 * The hosts on which the last look found no container of a release. On the others its image is in use, so that it can neither be missing
 * nor be pruned; and if someone has forced it away since, the run finds out before it changes anything. Pure.
 */
export function hostsToAsk(
  { release, ids = [] }: Pick<Released, "release" | "ids">,
  { outputs }: Pick<Kept, "outputs">,
): string[] {
  const seen = Seen.safeParse(outputs).data;
  const own = new Set<string | undefined>([release, ...ids]);
  const hosts = z.record(z.string(), z.unknown()).safeParse(outputs.hosts).data ?? {};
  return Object.keys(hosts).filter((name) => !seen?.fleet[name]?.containers.some((container) => own.has(container.release)));
}
