import { z } from "zod";
import { isOpeningText } from "../../core/opening.ts";
import { Owner } from "../../core/owner.ts";
import { Address } from "../../hosts/index.ts";
import { inState, Unobserved } from "../steps/finding.ts";

/** The firewall of one host, as declared. */
export const FirewallInputs = z.object({
  schema: z.literal(1),
  host: Address,
  /** `project/stack`: the stack that owns the firewall. */
  stack: z.string().regex(/^[\w./-]+$/),
  adopt: Owner.shape.adopt,
  /** Address ranges that may reach SSH. */
  ssh: z.array(z.string()),
  /** `80/tcp`, `5432/tcp from 10.0.0.0/16`; everything else is closed from outside. */
  open: z.array(z.string().refine(isOpeningText)),
  /** Of a server whose user-data holds a secret: containers cannot read it. */
  metadata: z.literal("closed").optional(),
  status: z.literal("closed but for these"),
});
export type FirewallInputs = z.infer<typeof FirewallInputs>;

/** A firewall of which only its host and owner are known: enough to remove it. */
export const FirewallRemains = z
  .object({ host: Address, stack: z.string() })
  .transform((known): FirewallInputs => ({ ...known, schema: 1, ssh: [], open: [], status: "closed but for these" }));

/** Our rules for one IP version. */
const Rules = z.object({
  /** Rules of our own chains, in order, in the form of `canonicalRule`. */
  rules: z.array(z.string()),
  /**
   * Where traffic enters our chains: `INPUT eth0`. A hook behind a rule that accepts all traffic does not count.
   * `DOCKER-USER 169.254.169.254`: that this is dropped.
   */
  hooks: z.array(z.string()),
  /** Whether FORWARD leads to DOCKER-USER before anything accepts the packet. States of versions that did not look have none. */
  passes: z.boolean().default(true),
});
export type Rules = z.infer<typeof Rules>;

/** The firewall of one host, as found. */
export const FoundFirewall = inState(
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("present"),
      /** The stack that owns it; absent if there is no firewall. */
      owner: z.string().optional(),
      /** Interfaces to the outside: those of the default routes. */
      interfaces: z.array(z.string()),
      /** The port on which sshd accepted our connection. */
      sshPort: z.number(),
      /** IP version → rules; no 6 on a host without IPv6. */
      families: z.record(z.string(), Rules),
      /** The files that load them at boot: path → SHA-256. */
      kept: z.record(z.string(), z.string()),
      /** Whether the host runs systemd, and whether that starts our unit at boot. */
      systemd: z.enum(["absent", "off", "on"]),
      /** A run that died has not confirmed the rules: the host takes them back. */
      unconfirmed: z.literal(true).optional(),
    }),
    /** No iptables. */
    z.object({ kind: z.literal("without") }),
    /** Only root may observe it. */
    z.object({ kind: z.literal("forbidden"), reason: z.string() }),
    Unobserved,
  ]),
);
export type FoundFirewall = z.infer<typeof FoundFirewall>;
/** A firewall that could be observed. */
export type ObservedFirewall = Extract<FoundFirewall, { kind: "present" }>;
