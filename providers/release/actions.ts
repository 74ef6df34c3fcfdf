import { appName } from "../../core/names.ts";
import { together } from "../../core/together.ts";
import type { Host } from "../../hosts/index.ts";
import { stopInTime } from "../container/stop.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import type { Fleet } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { NEVER_RESTART } from "./leave.ts";
import { observeFleet } from "./observe.ts";
import { fleetIn, partOf, type Slots } from "./part.ts";
import { planRelease } from "./plan.ts";
import type { Action } from "./plan-app-stop.ts";
import { requirePossible } from "./stories.ts";
import { stoppedName } from "./taken-out.ts";
import { targetsOf } from "./targets.ts";

/** Decides, from what was found. Pure. */
export type ActionPlan = (part: ReleaseInputs, found: Fleet) => readonly Action[];

/** What would be done, without a lease. Throws where a host cannot be asked. */
export async function lookAtActions(inputs: ReleaseInputs, slots: Slots, plan: ActionPlan, run: Run): Promise<readonly Action[]> {
  const part = partOf(inputs, slots);
  const found = fleetIn(await observeFleet(part, run.hosts), slots);
  requirePossible({ ...planRelease(part, found), clashes: [] }, part, found);
  return plan(part, found);
}

/** Plans again under the leases, and carries it out: requests are turned away before anything stops. Returns what was done. */
export async function runActions(inputs: ReleaseInputs, slots: Slots, plan: ActionPlan, run: Run): Promise<readonly Action[]> {
  const part = partOf(inputs, slots);
  const targets = targetsOf(part, run);
  const on = (host: string): Host => {
    const target = targets.get(host);
    if (target === undefined) throw new TypeError(`no host ${host} in this release`);
    return target;
  };
  return withLeases(
    [...targets.values()],
    run,
    async () => {
      const actions = await lookAtActions(inputs, slots, plan, run);
      for (const host of targets.values()) host.requireLease();
      await together(actions, async (one) => {
        if (one.do === "close") await on(one.host).proxy.stop(one.route, { drain: part.drainTimeout, message: one.message });
        if (one.do === "open") await on(one.host).proxy.resume(one.route);
      });
      const stops = actions.filter((one) => one.do === "stop");
      await together(stops, (stop) => stopForGood(stop, on(stop.host), run));
      const routed = actions.filter((one) => one.do !== "stop").map(({ host }) => host);
      await together([...new Set(routed)], (host) => on(host).proxy.writeState());
      return actions;
    },
    { app: appName(inputs) },
  );
}

/** Its name says that a person wanted it: see `isStoppedByCommand`. Whatever Docker's policy is, it does not come back by itself. */
async function stopForGood(stop: Extract<Action, { do: "stop" }>, host: Host, { report }: Run): Promise<void> {
  const { id, container: name, grace, role } = stop;
  await host.docker.update(id, NEVER_RESTART);
  const warning = await stopInTime(host, { id, name, grace, key: `slipway:servers.${role}.stop_timeout` });
  if (warning !== undefined) report.warn(warning);
  await host.docker.rename(id, stoppedName(name));
}
