import { type App, prefixOf, schedulerContainer } from "../../core/names.ts";
import type { ContainerName } from "../../core/words.ts";
import type { Role } from "../release/role.ts";
import type { Place } from "../schema/problem.ts";
import type { Accessory } from "./accessory.ts";

/** What other containers of an accessory have behind its name. */
const BESIDE = ["next", "backup", "backup-dump"];

/** Containers of the service by their names, each with who has it already. */
function takenNames(roles: readonly Role[], app: App): Map<ContainerName, string> {
  // Containers of a role are named as an accessory would be, with the release behind; its route has just this name.
  const ofRoles = roles.map(({ name }) => [prefixOf(app, name), `the role ${name}`] as const);
  return new Map([["kamal-proxy", "the proxy"], [schedulerContainer(app), "backups and jobs"], ...ofRoles]);
}

/** A host has a name once. */
export function refuseNameClashes(accessories: readonly Accessory[], roles: readonly Role[], app: App, place: Place): void {
  const taken = takenNames(roles, app);
  for (const { name, container } of accessories) {
    const owner = taken.get(container);
    if (owner !== undefined) place.at(name).refuse(`its container ${container} has the name of ${owner}: name it otherwise`);
    else if (name.startsWith("job-")) place.at(name).refuse("job-… is how containers of jobs are named: name it otherwise");
    const main = accessories.find((other) => BESIDE.some((suffix) => container === `${other.container}-${suffix}`));
    if (main !== undefined)
      place.at(name).refuse(`its container ${container} has a name that ${main.name} needs: name it otherwise`);
  }
}
