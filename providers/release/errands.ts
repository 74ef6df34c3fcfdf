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
import type { Errand } from "./plan-app-stop.ts";
import { requirePossible } from "./stories.ts";
import { stoppedName } from "./taken-out.ts";
import { targetsOf } from "./targets.ts";

/** Decides, from what was found. Pure. */
export type ErrandPlan = (part: ReleaseInputs, found: Fleet) => readonly Errand[];

/** What would be done, without a lease. Throws where a host cannot be asked. */
export async function lookAtErrands(inputs: ReleaseInputs, slots: Slots, plan: ErrandPlan, run: Run): Promise<readonly Errand[]> {
  const part = partOf(inputs, slots);
  const found = fleetIn(await observeFleet(part, run.hosts), slots);
  requirePossible({ ...planRelease(part, found), clashes: [] }, part, found);
  return plan(part, found);
}

/** Plans again under the leases, and carries it out: requests are turned away before anything stops. Returns what was done. */
export async function runErrands(inputs: ReleaseInputs, slots: Slots, plan: ErrandPlan, run: Run): Promise<readonly Errand[]> {
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
      const errands = await lookAtErrands(inputs, slots, plan, run);
      for (const host of targets.values()) host.requireLease();
      await together(errands, async (one) => {
        if (one.do === "close") await on(one.host).proxy.stop(one.route, { drain: part.drainTimeout, message: one.message });
        if (one.do === "open") await on(one.host).proxy.resume(one.route);
      });
      const stops = errands.filter((one) => one.do === "stop");
      await together(stops, (stop) => stopForGood(stop, on(stop.host), run));
      const routed = errands.filter((one) => one.do !== "stop").map(({ host }) => host);
      await together([...new Set(routed)], (host) => on(host).proxy.writeState());
      return errands;
    },
    { app: appName(inputs) },
  );
}

/** Its name says that a person wanted it: see `isStoppedByCommand`. Whatever Docker's policy is, it does not come back by itself. */
async function stopForGood(stop: Extract<Errand, { do: "stop" }>, host: Host, { report }: Run): Promise<void> {
  const { id, container: name, grace, role } = stop;
  await host.docker.update(id, NEVER_RESTART);
  const warning = await stopInTime(host, { id, name, grace, key: `slipway:servers.${role}.stop_timeout` });
  if (warning !== undefined) report.warn(warning);
  await host.docker.rename(id, stoppedName(name));
}
