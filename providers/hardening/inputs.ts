import { z } from "zod";
import { Address } from "../../hosts/index.ts";
import { inState, Unobserved } from "../steps/finding.ts";

/** The hardened SSH of one host, as declared. */
export const HardeningInputs = z.object({
  schema: z.literal(1),
  /** With the user who logs in before the hardening, usually root. */
  host: Address,
  /** The user who logs in afterwards. */
  user: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/),
  /** Seconds that a new machine may take to accept our login and set itself up; 0 for an existing machine. */
  patience: z.number().nonnegative(),
  status: z.literal("key only, no root login"),
});
export type HardeningInputs = z.infer<typeof HardeningInputs>;

/** The SSH of one host, as found. */
export const FoundHardening = inState(
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("present"),
      /** The user who logged in for this observation. */
      as: z.string(),
      /** Whether the declared user has passwordless sudo. */
      sudo: z.boolean(),
      /** Whether the declared user may use Docker; absent on a host without Docker. */
      docker: z.boolean().optional(),
      /** sshd's effective settings for root: `permitrootlogin` → `no`. */
      sshd: z.record(z.string(), z.string()),
      /** SHA-256 of our file; absent if the file is missing. */
      dropIn: z.string().optional(),
      /** A run that died has not confirmed our file: the host takes it back. */
      unconfirmed: z.literal(true).optional(),
    }),
    /** Only root may observe it. */
    z.object({ kind: z.literal("forbidden"), as: z.string(), reason: z.string() }),
    Unobserved,
  ]),
);
export type FoundHardening = z.infer<typeof FoundHardening>;
