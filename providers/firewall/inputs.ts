import { z } from "zod";
import { isOpeningText } from "../../core/opening.ts";
import { Address } from "../../hosts/index.ts";
import { inState } from "../steps/finding.ts";

/** The firewall of one host, as declared. */
export const FirewallInputs = z.object({
  schema: z.literal(1),
  host: Address,
  /** `project/stack`: the one whose firewall it is. */
  stack: z.string().regex(/^[\w./-]+$/),
  /** Address ranges from which SSH may be reached. */
  ssh: z.array(z.string()),
  /** `80/tcp`, `5432/tcp from 10.0.0.0/16`; all else is closed from outside. */
  open: z.array(z.string().refine(isOpeningText)),
  status: z.literal("closed but for these"),
});
export type FirewallInputs = z.infer<typeof FirewallInputs>;

/** Our rules of one IP version. */
const Rules = z.object({
  /** Rules of our own chains, in order, in the form of `canonicalRule`. */
  rules: z.array(z.string()),
  /** Where traffic is led into them: `INPUT eth0`. One that comes too late to count is not in it. */
  hooks: z.array(z.string()),
});
export type Rules = z.infer<typeof Rules>;

/** The firewall of one host, as found. */
export const FoundFirewall = inState(
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("present"),
      /** Whose it is; absent where there is none. */
      owner: z.string().optional(),
      /** Through which traffic from outside comes: those of the default routes. */
      interfaces: z.array(z.string()),
      /** The port on which the host's sshd took our connection. */
      sshPort: z.number(),
      /** IP version → rules; without 6 on a host that has no IPv6. */
      families: z.record(z.string(), Rules),
      /** What loads them at boot: path → SHA-256. */
      kept: z.record(z.string(), z.string()),
      /** Whether systemd runs there, and starts ours at boot. */
      systemd: z.enum(["absent", "off", "on"]),
    }),
    /** No iptables. */
    z.object({ kind: z.literal("without") }),
    /** Only root may look. */
    z.object({ kind: z.literal("forbidden"), reason: z.string() }),
    z.object({ kind: z.literal("unreachable"), reason: z.string() }),
  ]),
);
export type FoundFirewall = z.infer<typeof FoundFirewall>;
/** One that could be looked at. */
export type SeenFirewall = Extract<FoundFirewall, { kind: "present" }>;
