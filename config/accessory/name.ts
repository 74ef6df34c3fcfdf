import { type App, prefixOf, schedulerContainer } from "../../core/names.ts";
import type { ContainerName } from "../../core/words.ts";
import type { Role } from "../release/role.ts";
import type { ConfigPath } from "../schema/problem.ts";
import type { Accessory } from "./accessory.ts";

/** Suffixes of the other containers of an accessory. */
const SUFFIXES = ["next", "backup", "backup-dump"];

/** The names of all containers of an accessory. */
export const containersOf = ({ container }: Pick<Accessory, "container">): ContainerName[] => [
  container,
  ...SUFFIXES.map((suffix) => `${container}-${suffix}`),
];

/** Names of containers that are already taken, and by what. */
export function takenNames(roles: readonly Role[], app: App): Map<ContainerName, string> {
  // Containers of a role have this prefix, and its route this name.
  const ofRoles = roles.map(({ name }) => [prefixOf(app, name), `the role ${name}`] as const);
  return new Map([
    ["kamal-proxy", "the proxy"],
    // Its label would make it one of the app's containers. Without an app it has that name itself.
    ...(roles.length === 0 ? [] : [[app.service, "the app"] as const]),
    [schedulerContainer(app), "backups and jobs"],
    ...ofRoles,
  ]);
}

/** Names of containers are unique on a host. */
export function refuseNameClashes(accessories: readonly Accessory[], roles: readonly Role[], app: App, place: ConfigPath): void {
  const taken = takenNames(roles, app);
  for (const { name, container } of accessories) {
    const owner = taken.get(container);
    taken.set(container, `the accessory ${name}`);
    if (owner !== undefined)
      place.at(name).refuse(`its container ${container} has the name of ${owner}: choose a different name`);
    else if (name.startsWith("job-")) place.at(name).refuse("containers of jobs are named job-…: choose a different name");
    const main = accessories.find((other) => SUFFIXES.some((suffix) => container === `${other.container}-${suffix}`));
    if (main !== undefined)
      place.at(name).refuse(`its container ${container} has a name that ${main.name} needs: choose a different name`);
  }
}
