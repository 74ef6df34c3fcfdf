import { rangesText } from "../../core/opening.ts";
import { FAMILIES } from "../../core/range.ts";
import { bootFiles, sumOf } from "./boot.ts";
import type { FirewallInputs, FoundFirewall, SeenFirewall } from "./inputs.ts";
import { openOf, portOf, wantedRules } from "./rules.ts";

/** One change to the firewall of one host; in the order in which they are done. */
export type FirewallOperation =
  /** All of our rules at once. `repairs`: what was found other than it had been left. */
  | { do: "close"; opens: readonly string[]; closes: readonly string[]; repairs: readonly string[]; first: boolean }
  /** Let systemd load them at boot. */
  | { do: "keep" };

/**
 * What to do so that nothing but what is declared can be reached from outside.
 *
 * @param before what was declared when it was last made so: a rule of that which is missing now is drift
 */
export function planFirewall(wanted: FirewallInputs, found: FoundFirewall, before?: FirewallInputs): FirewallOperation[] {
  if (found.kind !== "present") return [];
  return [...closing(wanted, found, before), ...(isKept(wanted, found) ? [] : [{ do: "keep" } as const])];
}

function closing(wanted: FirewallInputs, found: SeenFirewall, before: FirewallInputs | undefined): FirewallOperation[] {
  if (differences(wanted, found).length === 0) return [];
  const isThere = Object.values(found.families).some(({ rules }) => rules.length > 0);
  const repairs = before === undefined ? [] : isThere ? differences(before, found) : ["firewall found missing"];
  if (!isThere) return [{ do: "close", opens: wanted.open, closes: [], repairs, first: true }];
  const declared = [...(before === undefined ? openOf(found) : before.open), sshText(before ?? wanted)];
  const opens = [...wanted.open, sshText(wanted)].filter((text) => !declared.includes(text));
  const closes = declared.filter((text) => ![...wanted.open, sshText(wanted)].includes(text));
  return [{ do: "close", opens, closes, repairs, first: false }];
}

const sshText = ({ ssh }: FirewallInputs): string => `SSH from ${rangesText(ssh)}`;

/** What is other than declared, a few words each. */
export function differences(wanted: FirewallInputs, found: SeenFirewall): string[] {
  const words = FAMILIES.flatMap((family) => {
    const there = found.families[family];
    if (there === undefined) return [];
    if (there.rules.length === 0) return [`rules of IPv${family} missing`];
    const right = wantedRules(wanted, found, family);
    const isOtherOrder = right.rules.join("\n") !== there.rules.join("\n");
    const missing = right.rules.filter((rule) => !there.rules.includes(rule)).map((rule) => about(rule, "missing"));
    const extra = there.rules.filter((rule) => !right.rules.includes(rule)).map((rule) => about(rule, "not declared"));
    const hooks = right.hooks
      .filter((hook) => !there.hooks.includes(hook))
      .map((hook) => `${hook.split(" ")[0]} does not lead to it on ${hook.split(" ")[1]}`);
    const stray = there.hooks
      .filter((hook) => !right.hooks.includes(hook))
      .map((hook) => `${hook.split(" ")[1]} is not an interface to the outside any more`);
    const rules = [...missing, ...extra];
    return [...(rules.length === 0 && isOtherOrder ? ["rules in another order"] : rules), ...hooks, ...stray];
  });
  if (found.owner !== undefined && found.owner !== wanted.stack) words.push(`it is the firewall of ${found.owner}`);
  return [...new Set(words)];
}

function about(rule: string, how: string): string {
  const port = portOf(rule);
  if (port !== undefined) return `rule for port ${port} ${how}`;
  return rule.endsWith("-j DROP") ? `the rule that closes all else ${how}` : `a rule ${how}: ${rule}`;
}

function isKept(wanted: FirewallInputs, found: SeenFirewall): boolean {
  if (found.systemd === "absent") return true;
  return found.systemd === "on" && bootFiles(wanted, found).every(({ path, content }) => found.kept[path] === sumOf(content));
}

export function describeFirewall(operation: FirewallOperation, wanted: FirewallInputs): string {
  if (operation.do === "keep") return "load it at boot, too";
  const { opens, closes, repairs, first } = operation;
  const drift = repairs.length === 0 ? [] : [`${repairs.join(", ")} (drift)`];
  if (first) return [...drift, describeClosed(wanted)].join(" · ");
  const changes = [
    ...drift,
    ...(opens.length === 0 ? [] : [`opens ${opens.join(", ")}`]),
    ...(closes.length === 0 ? [] : [`closes ${closes.join(", ")}`]),
  ];
  return changes.length === 0 ? "write its rules anew" : changes.join(" · ");
}

/** All of it, as at first. */
export const describeClosed = (wanted: FirewallInputs): string =>
  `close all ports from outside but ${[sshText(wanted), ...wanted.open].join("; ")}`;
