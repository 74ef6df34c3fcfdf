import { z } from "zod";
import type { Opening } from "../../core/opening.ts";
import { ANYWHERE, isRange } from "../../core/range.ts";
import { quoted } from "../schema/name.ts";
import { portNumber } from "../schema/port.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";

/** What each host's firewall allows besides the proxy's ports and what roles publish. */
export interface Firewall {
  /** Address ranges that may use SSH. */
  readonly sshFrom: readonly string[];
  readonly allow: readonly Opening[];
}

const ranges = z.array(z.string()).min(1);

const OpeningSection = section({
  port: field(portNumber, { is: "Port of the host.", refused: "missing", example: 5432 }),
  protocol: field(z.enum(["tcp", "udp"]), { is: "Protocol.", default: "tcp", example: "udp" }),
  from: field(ranges, {
    is: "Address ranges that may reach it.",
    default: ANYWHERE,
    refused: "anything but address ranges",
    example: ["10.0.0.0/16"],
  }),
});

const FirewallMap = section({
  ssh_from: field(ranges, {
    is: "Address ranges that may use SSH. A rule that locks out the current run is reverted automatically.",
    default: ANYWHERE,
    refused: "anything but address ranges",
    example: ["198.51.100.0/24"],
  }),
  allow: field(z.array(OpeningSection), {
    is: "Additional ports that are open. The proxy's ports, and those that roles publish on a public address, are always open.",
    default: [],
    example: [{ port: 5432, from: ["10.0.0.0/16"] }],
  }),
});

/** `slipway:firewall` */
export const FirewallSection = z.union([z.boolean(), FirewallMap]);
type FirewallInput = z.infer<typeof FirewallSection>;

/** undefined: no firewall. */
export function resolveFirewall(input: FirewallInput = false, place: ConfigPath): Firewall | undefined {
  if (input === false) return undefined;
  const { ssh_from: sshFrom = ANYWHERE, allow = [] } = input === true ? {} : input;
  refuseOthers(sshFrom, place.at("ssh_from"));
  return { sshFrom, allow: allow.map((opening, at) => resolveOpening(opening, place.at("allow", at))) };
}

function resolveOpening(
  { port, protocol = "tcp", from = [...ANYWHERE] }: z.infer<typeof OpeningSection>,
  place: ConfigPath,
): Opening {
  if (port === undefined) place.at("port").refuse("is required");
  refuseOthers(from, place.at("from"));
  return { port: port ?? 0, protocol, from };
}

function refuseOthers(texts: readonly string[], place: ConfigPath): void {
  texts.forEach((text, at) => {
    if (!isRange(text)) place.at(at).refuse(`${quoted(text)} is not an address range: 198.51.100.0/24`);
  });
}
