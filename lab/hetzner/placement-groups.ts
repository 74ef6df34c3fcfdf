import { z } from "zod";
import { ApiError } from "./api-error.ts";
import type { PlacementGroup } from "./objects.ts";
import type { Project } from "./project.ts";
import { bodyOf, LABELS, type Routes, routesOf } from "./routes.ts";

const Create = z.object({ name: z.string().min(1), type: z.literal("spread"), labels: LABELS.optional() });
/** The most servers in a spread group. */
const MOST = 10;

export function placementGroupRoutes(project: Project): Routes {
  const groups = project.placementGroups;
  const shown = (group: PlacementGroup) => shownPlacementGroup(project, group);
  return {
    ...routesOf(project.actions, {
      many: "placement_groups",
      items: groups,
      shown,
      remove: (group) => {
        if (membersOf(project, group.id).length > 0)
          throw new ApiError("resource_in_use", `placement group with ID '${group.id}' is still in use`);
        groups.remove(group.id);
        return undefined;
      },
    }),
    "POST /placement_groups": ({ body }) => {
      const { name, type, labels } = bodyOf(Create, body);
      const group = groups.add({ ...project.item(name, labels), type });
      return { status: 201, body: { placement_group: shown(group), action: null } };
    },
  };
}

export const shownPlacementGroup = (project: Project, group: PlacementGroup): object => ({
  ...group,
  servers: membersOf(project, group.id),
});

/** Throws if the group is full. */
export function mustHaveRoom(project: Project, id: number): void {
  const { name } = project.placementGroups.get(id);
  if (membersOf(project, id).length >= MOST)
    throw new ApiError("placement_error", `placement group ${name} already has ${MOST} servers`);
}

const membersOf = (project: Project, id: number): number[] =>
  project.servers.all.filter(({ placementGroup }) => placementGroup === id).map((server) => server.id);
