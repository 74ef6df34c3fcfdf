import type { Seconds } from "../../core/words.ts";
import type { BenchResult, FleetRow } from "./result.ts";

/** What a no-op run may cost over the floor. */
const NOOP_OVER_FLOOR: Readonly<Record<number, Seconds>> = { 1: 1.0, 3: 1.5 };
/** What a release may need over the plain Docker calls, until its last switch. */
const RELEASE_OVER_LIMIT: Readonly<Record<number, Seconds>> = { 1: 0.5 };

/** One promise of the bench, and whether it held. */
export interface Target {
  readonly what: string;
  readonly measured: string;
  readonly held: boolean;
}

export function targetsOf({ floor, noop, release, fleet, swaps }: BenchResult): Target[] {
  return [
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
    ...fleet.filter(({ rtt_ms }) => rtt_ms === 0).flatMap((row) => fleetTargets(row, floor.up_s)),
    none(`${swaps.count} swaps on ${plural(swaps.hosts)} at ${swaps.rate} requests/s: failed of ${swaps.requests}`, swaps.failed),
  ];
}

/** From the exit of a container to the error on the screen. */
const EXIT_REPORTED: Seconds = 2;

const fleetTargets = (row: FleetRow, floor: Seconds): Target[] => [
  ...within("web and worker, no-op: over the floor", row.noop_s - floor, 1.5),
  ...within("web and worker, release: over the slowest host's limit", row.to_switch_s - row.limit_s, 1.0),
  ...within("web and worker, rollback: over the same limit", row.rollback_s - row.limit_s, 1.0),
  ...within("a container that exits at boot is reported after", row.exit_reported_s, EXIT_REPORTED),
  ...within("slipway deploy with nothing to do, 1 host: over the floor", row.deploy_noop_s - floor, 0),
];

export const plural = (hosts: number): string => (hosts === 1 ? "1 host" : `${hosts} hosts`);

/** Without a bound there is no promise. */
function within(what: string, value: Seconds, bound: Seconds | undefined): Target[] {
  if (bound === undefined) return [];
  return [{ what: `${what} ≤ ${bound.toFixed(1)} s`, measured: `${value.toFixed(2)} s`, held: value <= bound }];
}

const none = (what: string, count: number): Target => ({ what, measured: String(count), held: count === 0 });
