import { z } from "zod";
import { field, section } from "../schema/section.ts";

/** How the SSH of each host is hardened. */
export interface Harden {
  /** Who logs in afterwards; root no longer can. */
  readonly user: string;
}

const HardenMap = section({
  user: field(
    z
      .string()
      .regex(/^(?!root$)[a-z_][a-z0-9_-]{0,31}$/, { error: "is not a valid user name other than root: use a-z, 0-9, _ and -" }),
    {
      is: "Who logs in afterwards: created if missing, with the keys of the current user, sudo without a password, and access to Docker.",
      default: "deploy",
      refused: "root",
      example: "ship",
    },
  ),
});

/** `slipway:harden` */
export const HardenSection = z.union([z.boolean(), HardenMap]);
type HardenInput = z.infer<typeof HardenSection>;

/** undefined: not hardened. */
export function resolveHarden(input: HardenInput = false): Harden | undefined {
  if (input === false) return undefined;
  return { user: (input === true ? undefined : input.user) ?? "deploy" };
}
