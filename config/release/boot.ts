import { z } from "zod";
import type { Boot } from "../../core/release/boot.ts";
import { quoted } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { secondsFrom } from "../schema/seconds.ts";
import { field, section } from "../schema/section.ts";

export const BootSection = section({
  limit: field(z.union([z.int().min(1), z.string()]), {
    is: "Hosts of a wave, as a number or as a percentage of all hosts, rounded down to at least one.",
    otherwise: "all hosts at once",
    example: "25%",
  }),
  wait: field(secondsFrom(0), { is: "Seconds between two waves.", default: 0, refused: "without limit", example: 10 }),
  parallel_roles: field(z.boolean(), {
    is: "Whether the roles of a host switch together. Kamal's default is false; here a wave that fails is reverted, so there is no need to wait.",
    default: true,
    example: false,
  }),
});
type BootInput = z.infer<typeof BootSection>;

/** @param hosts the number of hosts */
export function resolveBoot(input: BootInput = {}, hosts: number, place: ConfigPath): Boot {
  if (input.wait !== undefined && input.limit === undefined)
    place.at("wait").refuse("needs limit: without it there is only one wave");
  return {
    limit: input.limit === undefined ? 0 : resolveLimit(input.limit, hosts, place.at("limit")),
    wait: input.wait ?? 0,
    parallelRoles: input.parallel_roles ?? true,
  };
}

function resolveLimit(limit: number | string, hosts: number, place: ConfigPath): number {
  if (typeof limit === "number") return limit;
  const percent = Number(/^(\d+)%$/.exec(limit)?.[1]);
  if (!(percent >= 1 && percent <= 100)) place.refuse(`${quoted(limit)} is not a number of hosts, or 1% to 100%`);
  return Math.max(1, Math.floor((hosts * percent) / 100));
}
