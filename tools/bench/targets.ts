import type { Milliseconds, Seconds } from "../../core/words.ts";
import { commandTargets } from "./commands/targets.ts";
import type { BenchResult, FleetRow, StepsResult } from "./result.ts";
import { none, plural, type Target, within } from "./target.ts";
import { transferTargets } from "./transfer/targets.ts";

/** What a no-op run may cost over the floor. */
const NOOP_OVER_FLOOR: Readonly<Record<number, Seconds>> = { 1: 1.0, 3: 1.5 };
/** What a release may need over the plain Docker calls, until its last switch. */
const RELEASE_OVER_LIMIT: Readonly<Record<number, Seconds>> = { 1: 0.5 };
/** Web and worker: from the start of the release to its last switch, by round trip. */
const SERVES_AFTER: Readonly<Record<Milliseconds, Seconds>> = { 0: 0.9, 20: 1.2, 50: 1.6 };
/** Web and worker: what 50 ms of round trip may add to a no-op run. */
const NOOP_FAR: Seconds = 0.7;
/** From the exit of a container to the error on the screen. */
const EXIT_REPORTED: Seconds = 2;

/** Every promise about what was measured. */
export const targetsOf = ({ commands, steps, transfer }: BenchResult): Target[] => [
  ...(commands === undefined ? [] : commandTargets(commands)),
  ...(steps === undefined ? [] : stepTargets(steps)),
  ...(transfer === undefined ? [] : transferTargets(transfer)),
];

const stepTargets = ({ floor, noop, release, fleet, swaps }: StepsResult): Target[] => [
  ...noop.flatMap(({ hosts, up_s }) =>
    within(`no-op, ${plural(hosts)}: over the floor`, up_s - floor.up_s, NOOP_OVER_FLOOR[hosts]),
  ),
  ...noop.map(({ hosts, mutations }) => none(`no-op, ${plural(hosts)}: changes on hosts`, mutations)),
  ...noop.map(({ hosts, ssh_connections }) => ({
    what: `no-op, ${plural(hosts)}: one SSH connection a host`,
    measured: `${ssh_connections}`,
    held: ssh_connections === 1,
  })),
  ...release.flatMap(({ hosts, to_switch_s, limit_s }) =>
    within(`release, ${plural(hosts)}: over the limit`, to_switch_s - limit_s, RELEASE_OVER_LIMIT[hosts]),
  ),
  ...fleet.filter(({ rtt_ms }) => rtt_ms === 0).flatMap((row) => nearTargets(row, floor.up_s)),
  ...fleet.flatMap(({ rtt_ms, to_switch_s }) =>
    within(`web and worker, +${rtt_ms} ms: serves after`, to_switch_s, SERVES_AFTER[rtt_ms]),
  ),
  ...within("web and worker, no-op: +50 ms over +0 ms", farNoop(fleet), NOOP_FAR),
  none(`${swaps.count} swaps on ${plural(swaps.hosts)} at ${swaps.rate} requests/s: failed of ${swaps.requests}`, swaps.failed),
];

const nearTargets = (row: FleetRow, floor: Seconds): Target[] => [
  ...within("web and worker, no-op: over the floor", row.noop_s - floor, 0.85),
  ...within("web and worker, release: over the slowest host's limit", row.to_switch_s - row.limit_s, 1.0),
  ...within("web and worker, rollback: over the same limit", row.rollback_s - row.limit_s, 1.0),
  ...within("a container that exits at boot is reported after", row.exit_reported_s, EXIT_REPORTED),
  ...within("slipway deploy with nothing to do, 1 host: over the floor", row.deploy_noop_s - floor, 0),
];

function farNoop(fleet: readonly FleetRow[]): Seconds | undefined {
  const [near, far] = [0, 50].map((rtt) => fleet.find(({ rtt_ms }) => rtt_ms === rtt)?.noop_s);
  return near === undefined || far === undefined ? undefined : far - near;
}
