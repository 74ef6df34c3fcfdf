import { z } from "zod";
import { Address } from "../../hosts/index.ts";
import { inState } from "../steps/finding.ts";

/** How SSH of one host is hardened, as declared. */
export const HardeningInputs = z.object({
  schema: z.literal(1),
  /** Who logs in before that is in it, usually root. */
  host: Address,
  /** Who logs in from then on. */
  user: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/),
  /** Seconds that a machine which was just made may take until it lets us in and has set itself up; 0 for one that exists. */
  patience: z.number().nonnegative(),
  status: z.literal("key only, no root login"),
});
export type HardeningInputs = z.infer<typeof HardeningInputs>;

/** The SSH of one host, as found. */
export const FoundHardening = inState(
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("present"),
      /** Who got in. */
      as: z.string(),
      /** May that user act as root without a password? */
      sudo: z.boolean(),
      /** Whether that user may use Docker; absent on a host that has none. */
      docker: z.boolean().optional(),
      /** What sshd would do with root: `permitrootlogin` → `no`. */
      sshd: z.record(z.string(), z.string()),
      /** SHA-256 of our file; absent where there is none. */
      dropIn: z.string().optional(),
    }),
    /** Only root may look. */
    z.object({ kind: z.literal("forbidden"), as: z.string(), reason: z.string() }),
    z.object({ kind: z.literal("unreachable"), reason: z.string() }),
  ]),
);
export type FoundHardening = z.infer<typeof FoundHardening>;
