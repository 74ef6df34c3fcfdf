import type { Scope } from "./context.ts";
import type { AccessoryFacts } from "./facts.ts";
import type { Run } from "./run.ts";

/** What the literal name of an accessory in a value is here. */
export type Wired =
  | { readonly kind: "reference"; readonly text: string; readonly says: string }
  /** It is a name that those containers do not know. */
  | { readonly kind: "unreachable"; readonly says: string };

/**
 * A value in which the names of accessories' containers are references, `${accessories.db.host}`.
 *
 * @returns `undefined` if it has no such name
 */
export function referenceIn(text: string, scope: Scope, run: Run): Wired | undefined {
  let wired = text;
  const used: string[] = [];
  for (const accessory of run.facts.accessories) {
    if (accessory.name === scope.own) continue;
    const name = new RegExp(`(?<![\\w.-])${escaped(accessory.container)}(?![\\w.-])`, "g");
    if (!name.test(wired)) continue;
    const reach = reachOf(accessory, scope);
    if (reach === "unreachable") {
      const elsewhere = scope.hosts.filter((host) => !accessory.hosts.includes(host)).join(", ");
      return {
        kind: "unreachable",
        says: `${accessory.container} is a name on ${accessory.hosts.join(", ")} alone, which ${elsewhere} does not know: write its address, and publish its port`,
      };
    }
    if (reach === "unknown") continue;
    wired = wired.replace(name, `\${accessories.${accessory.name}.host}`);
    used.push(accessory.name);
  }
  if (used.length === 0) return undefined;
  return {
    kind: "reference",
    text: wired,
    says: `refers to ${used.join(", ")}: \${accessories.${used[0]}.host} is its name or address`,
  };
}

function reachOf({ hosts, isOpen }: AccessoryFacts, scope: Scope): "here" | "elsewhere" | "unreachable" | "unknown" {
  if (hosts.length === 0 || scope.hosts.length === 0) return "unknown";
  if (scope.hosts.every((host) => hosts.includes(host))) return "here";
  return hosts.length === 1 && isOpen ? "elsewhere" : "unreachable";
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
