import { z } from "zod";
import type { Maintenance } from "../../core/release/maintenance.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field, section } from "../schema/section.ts";
import type { Role } from "./role.ts";

export const MaintenanceSection = z.union([
  z.boolean(),
  section({
    message: field(z.string(), {
      is: "Text of the page; custom error pages have it as `{{ .Message }}`.",
      otherwise: "no text",
      example: "Back at 10:00 UTC",
    }),
  }),
]);

export function resolveMaintenance(
  input: z.infer<typeof MaintenanceSection> = false,
  roles: readonly Role[],
  place: ConfigPath,
): Maintenance | undefined {
  if (input === false) return undefined;
  if (roles.length > 0 && roles.every(({ proxy }) => proxy === undefined))
    place.refuse("needs a proxied role: the proxy serves the page");
  return { message: input === true ? "" : (input.message ?? "") };
}
