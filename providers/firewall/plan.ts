import { rangesText } from "../../core/opening.ts";
import { FAMILIES } from "../../core/range.ts";
import { DRIFT, type DriftMark } from "../steps/drift.ts";
import { bootFiles, sumOf } from "./boot.ts";
import type { FirewallInputs, FoundFirewall, ObservedFirewall } from "./inputs.ts";
import { NO_METADATA, openOf, portOf, wantedRules } from "./rules.ts";

/** One change to the firewall of one host. */
export type FirewallOperation =
  /** All of our rules at once. `repairs`: what differs from how we left it. */
  | { do: "close"; opens: readonly string[]; closes: readonly string[]; repairs: readonly string[]; first: boolean }
  /** Makes systemd load them at boot. */
  | { do: "keep" };

/**
 * What to do, in order, so that only declared ports are reachable from outside.
 *
 * @param before what was declared when it was last converged: a missing rule of that is drift
 */
export function planFirewall(wanted: FirewallInputs, found: FoundFirewall, before?: FirewallInputs): FirewallOperation[] {
  if (found.kind !== "present") return [];
  return [...closing(wanted, found, before), ...(isKept(wanted, found) ? [] : [{ do: "keep" } as const])];
}

function closing(wanted: FirewallInputs, found: ObservedFirewall, before: FirewallInputs | undefined): FirewallOperation[] {
  if (differences(wanted, found).length === 0) return [];
  const isThere = Object.values(found.families).some(({ rules }) => rules.length > 0);
  const unconfirmed = found.unconfirmed === true ? [UNCONFIRMED] : [];
  const repairs = before === undefined ? unconfirmed : isThere ? differences(before, found) : ["firewall found missing"];
  if (!isThere) return [{ do: "close", opens: wanted.open, closes: [], repairs, first: true }];
  const declared = [...(before === undefined ? openOf(found) : before.open), sshText(before ?? wanted)];
  const was = before?.metadata === "closed";
  const is = wanted.metadata === "closed";
  const opens = [
    ...[...wanted.open, sshText(wanted)].filter((text) => !declared.includes(text)),
    ...(was && !is ? [METADATA] : []),
  ];
  const closes = [
    ...declared.filter((text) => ![...wanted.open, sshText(wanted)].includes(text)),
    ...(is && !was && before !== undefined ? [METADATA] : []),
  ];
  return [{ do: "close", opens, closes, repairs, first: false }];
}

const METADATA = "the server's metadata to containers";

const sshText = ({ ssh }: FirewallInputs): string => `SSH from ${rangesText(ssh)}`;

/** What differs from the declaration, in a few words each. */
export function differences(wanted: FirewallInputs, found: ObservedFirewall): string[] {
  const words = FAMILIES.flatMap((family) => {
    const there = found.families[family];
    if (there === undefined) return [];
    if (there.rules.length === 0) return [`rules of IPv${family} missing`];
    const right = wantedRules(wanted, found, family);
    const isOtherOrder = right.rules.join("\n") !== there.rules.join("\n");
    const missing = right.rules.filter((rule) => !there.rules.includes(rule)).map((rule) => about(rule, "missing"));
    const extra = there.rules.filter((rule) => !right.rules.includes(rule)).map((rule) => about(rule, "not declared"));
    const hooks = right.hooks.filter((hook) => !there.hooks.includes(hook)).map(aboutMissing);
    const stray = there.hooks.filter((hook) => !right.hooks.includes(hook)).map(aboutStray);
    const rules = [...missing, ...extra];
    return [
      ...(rules.length === 0 && isOtherOrder ? ["rules in a different order"] : rules),
      ...hooks,
      ...stray,
      ...(there.passes ? [] : [PASSED_BY]),
    ];
  });
  if (found.owner !== undefined && found.owner !== wanted.stack) words.push(`it belongs to ${found.owner}`);
  if (found.unconfirmed === true) words.push(UNCONFIRMED);
  return [...new Set(words)];
}

const UNCONFIRMED = "rules that an interrupted run did not confirm, so that the host takes them back";

const PASSED_BY = "FORWARD does not lead to DOCKER-USER, so it does not cover ports of containers";

function aboutMissing(hook: string): string {
  if (hook === NO_METADATA) return "containers can read the server's metadata";
  const [from, device] = hook.split(" ");
  return `${from} does not jump to it on ${device}`;
}

const aboutStray = (hook: string): string =>
  hook === NO_METADATA
    ? "containers cannot read the server's metadata"
    : `${hook.split(" ")[1]} is no longer an interface to the outside`;

function about(rule: string, how: string): string {
  const port = portOf(rule);
  if (port !== undefined) return `rule for port ${port} ${how}`;
  return rule.endsWith("-j DROP") ? `the rule that closes everything else ${how}` : `a rule ${how}: ${rule}`;
}

function isKept(wanted: FirewallInputs, found: ObservedFirewall): boolean {
  if (found.systemd === "absent") return true;
  return found.systemd === "on" && bootFiles(wanted, found).every(({ path, content }) => found.kept[path] === sumOf(content));
}

export function describeFirewall(operation: FirewallOperation, wanted: FirewallInputs, drift: DriftMark = DRIFT): string {
  if (operation.do === "keep") return "load it at boot";
  const { opens, closes, repairs, first } = operation;
  const repaired = repairs.length === 0 ? [] : [`${repairs.join(", ")}${drift}`];
  if (first) return [...repaired, describeClosed(wanted)].join(" · ");
  const changes = [
    ...repaired,
    ...(opens.length === 0 ? [] : [`opens ${opens.join(", ")}`]),
    ...(closes.length === 0 ? [] : [`closes ${closes.join(", ")}`]),
  ];
  return changes.length === 0 ? "rewrite its rules" : changes.join(" · ");
}

/** All of it, as for a new host. */
export const describeClosed = (wanted: FirewallInputs): string =>
  `close all ports to the outside except ${[sshText(wanted), ...wanted.open].join("; ")}`;
