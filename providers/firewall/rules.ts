import { type Opening, openingText, parseOpening } from "../../core/opening.ts";
import { FAMILIES, type Family, familyOf, isEverybody, normalRange } from "../../core/range.ts";
import type { FirewallInputs, ObservedFirewall, Rules } from "./inputs.ts";

/** Our chains, and the chain that jumps to each: traffic to the host itself, and traffic that it forwards to containers. */
const CHAINS = [
  { own: "SLIPWAY-INPUT", from: "INPUT", portMatch: (port: number) => ["-m", "PROTOCOL", "--dport", `${port}`] },
  // Docker has already rewritten the destination to the container's; conntrack still knows the original port.
  { own: "SLIPWAY-FORWARD", from: "DOCKER-USER", portMatch: (port: number) => ["-m", "conntrack", "--ctorigdstport", `${port}`] },
] as const;

type Chain = (typeof CHAINS)[number];

/**
 * Docker puts this jump at the front of FORWARD, and only for an IP version whose rules it manages with iptables. Ours is beside it: the
 * firewall holds as well after someone has flushed FORWARD, before Docker starts, and where Docker uses nftables, whose rules cannot accept
 * what a rule of iptables drops.
 */
const TO_CONTAINERS = { from: "FORWARD", to: "DOCKER-USER" } as const;
/** Where cloud servers read their user-data, which at Hetzner holds the private host key. */
const METADATA = "169.254.169.254";

const ICMP = { "4": "icmp", "6": "ipv6-icmp" } as const;
/** Answers to a broadcast, which conntrack matches to no connection. */
const DHCP = {
  "4": "-p udp -m udp --sport 67 --dport 68",
  "6": "-s fe80::/10 -p udp -m udp --dport 546",
} as const;

/** The rules of our chains and the jumps to them, when all is as declared. */
export function wantedRules(wanted: FirewallInputs, at: Pick<ObservedFirewall, "interfaces" | "sshPort">, family: Family): Rules {
  return {
    rules: written(wanted, at, family).map(canonicalRule),
    hooks: [
      ...CHAINS.flatMap(({ from }) => at.interfaces.map((device) => hookText(from, device))),
      ...(closesMetadata(wanted, family) ? [NO_METADATA] : []),
    ].sort(),
    passes: true,
  };
}

/**
 * The same as input for iptables-restore. No rule accepts: an allowed packet returns to the rules of others, so this firewall closes
 * ports and never opens what another one keeps closed.
 */
export function restoreText(
  wanted: FirewallInputs,
  at: Pick<ObservedFirewall, "interfaces" | "sshPort">,
  family: Family,
): string {
  const mark = `-m comment --comment ${OWNER}${wanted.stack}`;
  const { from: forwarded, to } = TO_CONTAINERS;
  const hooks = [
    ...CHAINS.flatMap(({ own, from }) => at.interfaces.map((device) => `-I ${from} -i ${device} ${mark} -j ${own}`)),
    `-I ${forwarded} ${mark} -j ${to}`,
    ...(closesMetadata(wanted, family) ? [`-I ${to} -d ${METADATA}/32 ${mark} -j DROP`] : []),
  ];
  return [...CHAINS.map(({ own }) => `:${own} - [0:0]`), ...written(wanted, at, family), ...hooks, ""].join("\n");
}

const OWNER = "slipway:";

const closesMetadata = ({ metadata }: FirewallInputs, family: Family): boolean => metadata === "closed" && family === "4";

function written(wanted: FirewallInputs, { sshPort }: Pick<ObservedFirewall, "sshPort">, family: Family): string[] {
  const ssh: Opening = { port: sshPort, protocol: "tcp", from: wanted.ssh };
  const open = wanted.open.map(parseOpening);
  const [input, forward] = CHAINS;
  return [
    ...[input, forward].map(({ own }) => `-A ${own} -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN`),
    ...[input, forward].map(({ own }) => `-A ${own} -p ${ICMP[family]} -j RETURN`),
    `-A ${input.own} ${DHCP[family]} -j RETURN`,
    ...passing(input, [ssh, ...open], family),
    ...passing(forward, open, family),
    ...[input, forward].map(({ own }) => `-A ${own} -j DROP`),
  ].sort(byChain);
}

/** Groups rules by chain; within a chain their order is kept. */
const byChain = (a: string, b: string): number => chainOf(a).localeCompare(chainOf(b));
const chainOf = (rule: string): string => rule.split(" ")[1] ?? "";

function passing({ own, portMatch }: Chain, openings: readonly Opening[], family: Family): string[] {
  const rules = openings.flatMap(({ port, protocol, from }) => {
    const match = portMatch(port).join(" ").replace("PROTOCOL", protocol);
    return from
      .filter((range) => familyOf(range) === family)
      .map((range) => `-A ${own} ${isEverybody(range) ? "" : `-s ${normalRange(range)} `}-p ${protocol} ${match} -j RETURN`);
  });
  return [...new Set(rules)].sort();
}

/** Versions of iptables print the same rule differently: this is one form for all of them. */
export function canonicalRule(line: string): string {
  const words = line.trim().split(/\s+/);
  if (words.includes("!")) return words.join(" ");
  const options: string[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [option = "", value = ""] = words.slice(at, at + 2);
    if (option !== "-m") options.push(`${option} ${NORMAL[option]?.(value) ?? value}`);
  }
  const [chain = "", ...rest] = options;
  return [chain, ...rest.sort()].join(" ");
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  "1": "icmp",
  "6": "tcp",
  "17": "udp",
  "58": "ipv6-icmp",
  icmpv6: "ipv6-icmp",
};
const NORMAL: Readonly<Record<string, (value: string) => string>> = {
  "-p": (value) => PROTOCOLS[value] ?? value,
  "-s": normalRange,
  "--ctstate": (value) => value.split(",").sort().join(","),
};

const hookText = (from: string, device: string): string => `${from} ${device}`;
/** That containers cannot read the server's metadata. */
export const NO_METADATA = hookText(TO_CONTAINERS.to, METADATA);

/** Our rules in the output of `iptables -S`. */
export function foundRules(lines: readonly string[]): Rules & { owner: string | undefined } {
  const rules = lines.filter((line) => line.startsWith("-A SLIPWAY-")).map(canonicalRule);
  const hooks: string[] = [];
  let owner: string | undefined;
  for (const { own, from } of CHAINS) {
    // A rule above ours that accepts all traffic makes ours ineffective. A rule that accepts some traffic is intended.
    for (const line of lines.filter((candidate) => candidate.startsWith(`-A ${from} `))) {
      const [, device, by] = HOOK(own).exec(line) ?? [];
      if (device !== undefined) hooks.push(hookText(from, device));
      owner ??= by?.replace(OWNER, "");
      if (DECIDES.test(line)) break;
    }
  }
  if (lines.some((line) => CLOSED_METADATA.test(line))) hooks.push(NO_METADATA);
  return { rules: rules.sort(byChain), hooks: hooks.sort(), passes: leadsToContainers(lines), owner };
}

/** Whether all packets that the host forwards reach DOCKER-USER before a rule, or one of Docker's chains, accepts them. */
function leadsToContainers(lines: readonly string[]): boolean {
  const forwarded = lines.filter((line) => line.startsWith(`-A ${TO_CONTAINERS.from} `));
  const jump = forwarded.findIndex((line) => JUMP.test(line));
  return jump !== -1 && !forwarded.slice(0, jump).some((line) => DECIDES.test(line) || OF_DOCKER.test(line));
}

const JUMP = /^-A FORWARD( -m comment --comment \S+)? -j DOCKER-USER$/;
const OF_DOCKER = / -j DOCKER(?!-USER$)\S*$/;
const CLOSED_METADATA = /^-A DOCKER-USER -d 169\.254\.169\.254\/32 -m comment --comment \S+ -j DROP$/;

const HOOK = (own: string): RegExp => new RegExp(`^-A \\S+ -i (\\S+) -m comment --comment "?([^" ]+)"? -j ${own}$`);
const DECIDES = /^-A \S+( -i (?!lo )\S+)? -j (ACCEPT|RETURN)$/;

/** The open ports of our chains, as written in a config; without SSH. */
export function openOf({ families, sshPort }: Pick<ObservedFirewall, "families" | "sshPort">): string[] {
  const found = new Map<string, Opening>();
  for (const family of FAMILIES) {
    for (const rule of families[family]?.rules ?? []) {
      const [port, protocol] = [/ --(?:dport|ctorigdstport) (\d+)\b/.exec(rule)?.[1], / -p (tcp|udp)\b/.exec(rule)?.[1]];
      if (port === undefined || rule.includes("--sport") || rule.includes("fe80::/10")) continue;
      if (Number(port) === sshPort && protocol === "tcp") continue;
      const key = `${port}/${protocol}`;
      const from = / -s (\S+)/.exec(rule)?.[1] ?? (family === "4" ? "0.0.0.0/0" : "::/0");
      const known = found.get(key)?.from ?? [];
      found.set(key, { port: Number(port), protocol: protocol === "udp" ? "udp" : "tcp", from: [...known, from] });
    }
  }
  return [...found.values()].sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1)).map(openingText);
}

/** The port of a rule. */
export const portOf = (rule: string): string | undefined => / --(?:dport|ctorigdstport) (\d+)\b/.exec(rule)?.[1];
