import { factsOf } from "../translate/facts.ts";
import type { Finding } from "../translate/finding.ts";
import { type MapNode, nodeAt } from "../yaml/tree.ts";

/** Kamal's config of one stack. */
export interface OfStack {
  readonly name: string;
  readonly destination: string | undefined;
  readonly root: MapNode;
}

/**
 * Accessories that are one container for several destinations, as Kamal puts no destination into their names: a stack can have what another
 * one has not.
 *
 * @param others the stacks before it
 */
export function sharedAccessories({ root, destination }: OfStack, others: readonly OfStack[]): Finding[] {
  const own = factsOf(root, destination).accessories;
  return own.flatMap(({ name, container, hosts }): Finding[] => {
    const first = others.find((other) =>
      factsOf(other.root, other.destination).accessories.some(
        (one) => one.container === container && one.hosts.some((host) => hosts.includes(host)),
      ),
    );
    const at = nodeAt(root, ["accessories", name])?.at;
    if (first === undefined || at === undefined) return [];
    return [
      {
        outcome: "needs you",
        path: ["accessories", name],
        at,
        to: ["accessories", name],
        says: `is the container ${container} of the stack ${first.name}, too: Kamal runs one for both. Leave it to one of them, and remove it from the other, whose env then has its name as text`,
      },
    ];
  });
}
