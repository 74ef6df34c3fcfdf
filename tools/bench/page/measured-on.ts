import { type Circumstances, wasBusy } from "../result.ts";

/** A sentence about a part of the page that was not measured with the rest; empty for one that was. */
export function measuredOn(at: Circumstances | undefined): string {
  if (at === undefined) return "";
  const { machine, measured, versions } = at;
  const busy = wasBusy(machine)
    ? `, **which was busy with something else** (a load of ${machine.load} before the bench began): its seconds are too high`
    : "";
  return `Measured on ${measured} with Slipway ${versions.slipway}, Docker ${versions.docker}, on ${machine.cpus} × ${machine.cpu}${busy}. `;
}
