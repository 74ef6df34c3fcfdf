import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { ReleaseInputs } from "../../providers/release/inputs.ts";
import { type Slots, slotsOn } from "../../providers/release/part.ts";
import { chooseHosts, chooseRoles } from "../stack/choose.ts";

/** Which containers of the app a command is about: all of them, if neither is named. */
export interface Where {
  readonly role?: string[];
  readonly host?: string[];
}

/** Roles on hosts, by their names or by patterns. Throws for a name that does not exist, and where no role is on a host. Pure. */
export function slotsAt(inputs: ReleaseInputs, { role, host }: Where): Slots {
  const roles = chooseRoles(inputs, role);
  const hosts = chooseHosts(inputs, host).map(({ name }) => name);
  const slots = slotsOn(inputs, { roles, hosts });
  if (slots.size > 0) return slots;
  throw new SlipwayError({
    code: "UNKNOWN_NAME",
    what: `${roles.join(", ")} ${roles.length === 1 ? "is" : "are"} not on ${hosts.join(", ")}`,
    evidence: Object.entries(inputs.roles).map(([name, spec]) => `${name}: ${spec.hosts.join(", ")}`),
    servesNow: NOTHING_TOUCHED,
    next: "choose with --role and --host",
  });
}
