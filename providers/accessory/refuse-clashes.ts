import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { adoptText } from "../../core/owner.ts";
import type { ObservedAccessory } from "./found.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { clashesOf } from "./plan.ts";

/** A container under the accessory's name that belongs to something else is left alone, and nothing is made beside it. */
export function refuseClashes({ accessory, stack, host }: AccessoryInputs, found: ObservedAccessory): void {
  const [clash] = clashesOf(found);
  if (clash === undefined) return;
  // What this stack has itself is nothing to adopt.
  const isElsewhere = clash.stack !== undefined && clash.stack !== stack;
  const adopt = isElsewhere ? `if this stack takes over what ${clash.stack} had, ${adoptText(clash.stack ?? "")}; else ` : "";
  throw new SlipwayError({
    code: "NAME_TAKEN",
    what: `the name ${clash.name} is taken by a container that is not ours`,
    host: host.name,
    evidence: [`${clash.image}, ${clash.status}: belongs to ${clash.whose}`],
    servesNow: NOTHING_TOUCHED,
    next: `${adopt}give ${accessory} another name, or rename or remove that container on ${host.name} (docker rename ${clash.name} …), then run pulumi up again`,
  });
}
