import type { Config } from "../../config/index.ts";
import { unsupportedLimits } from "../../providers/container/limit-support.ts";
import type { CheckResult } from "./check-result.ts";
import type { ReachedHost } from "./facts.ts";

/** The declared limits that a host cannot enforce; nothing where it can enforce all of them. */
export function checkLimits({ host: { name }, supports }: ReachedHost, { roles, accessories }: Config): CheckResult[] {
  if (supports.kind === "unknown") return [];
  const own = [
    ...roles.map((role) => ({ ...role, key: `slipway:servers.${role.name}.options` })),
    ...accessories.map((accessory) => ({ ...accessory, key: `slipway:accessories.${accessory.name}.options` })),
  ].filter(({ hosts }) => hosts.includes(name));
  const lacking = own.flatMap(({ options, key }) =>
    unsupportedLimits(options, supports.value).map((limit) => ({ ...limit, key: `${key}.${limit.key}` })),
  );
  if (lacking.length === 0) return [];
  const controllers = [...new Set(lacking.map(({ controller }) => controller))].join(", ");
  return [
    {
      check: "limits",
      result: "wrong",
      found: `the kernel cannot enforce ${lacking.map(({ key }) => key).join(", ")}`,
      evidence: [`its Docker has no support for limits of the cgroup controllers: ${controllers}`],
      next: `enable them in the kernel of ${name} (for memory: cgroup_enable=memory on its command line, and a reboot), or remove the limits`,
    },
  ];
}
