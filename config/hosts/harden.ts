import { z } from "zod";
import { field, section } from "../schema/section.ts";

/** How the SSH of each host is hardened. */
export interface Harden {
  /** Who logs in from then on; root does not any more. */
  readonly user: string;
}

const HardenMap = section({
  user: field(
    z
      .string()
      .regex(/^(?!root$)[a-z_][a-z0-9_-]{0,31}$/, { error: "is not the name of a user other than root: a-z, 0-9, _ and -" }),
    {
      is: "Who logs in from then on: made if missing, with the keys of the user who logs in now, sudo without a password, and Docker.",
      default: "deploy",
      refused: "root",
      example: "ship",
    },
  ),
});

/** `slipway:harden` */
export const HardenSection = z.union([z.boolean(), HardenMap]);
type HardenInput = z.infer<typeof HardenSection>;

/** undefined: nobody wants it. */
export function resolveHarden(input: HardenInput = false): Harden | undefined {
  if (input === false) return undefined;
  return { user: (input === true ? undefined : input.user) ?? "deploy" };
}
