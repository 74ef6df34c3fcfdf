/**
 * The real Kamal, measured once, beside the Slipway of that day on the same hosts: not a part of `npm run bench`, which needs no Ruby. Complete
 * commands as they are typed.
 */
export const KAMAL = {
  version: "2.12.0",
  measured: "2026-11-29",
  /** A sentence for the page. */
  conditions:
    "Kamal 2.12.0 (Ruby 3.1.2) on 2026-11-29, on a 2-core machine of the same kind with the same hosts, through a relay that added the round trip; " +
    "`-P` (no build, no push); each new version was an image with a new layer of 2 MB; medians of 5 (rollback, 1 host, 0 ms: of 4). " +
    "It was not quiet everywhere: during 0 ms with 1 host documents were read on the machine, and small images were built during a minute of +50 ms with 1 host.",
  rows: [
    { command: "kamal deploy -P", what: "a new version", seconds: { 1: [3.56, 5.09, 6.11], 3: [4.87, 6.43, 7.13] } },
    { command: "kamal redeploy -P", what: "a new version", seconds: { 1: [2.72, 3.66, 4.42], 3: [3.45, 4.79, 5.27] } },
    { command: "kamal rollback V", what: "to the version before", seconds: { 1: [2.28, 3.02, 3.59], 3: [2.71, 3.82, 4.28] } },
    { command: "kamal deploy -P", what: "the same version", seconds: { 1: [3.9, 5.1, 6.08], 3: [4.29, 6.12, 7.11] } },
    { command: "kamal redeploy -P", what: "the same version", seconds: { 1: [2.83, 3.88, 4.6], 3: [3.25, 4.9, 5.71] } },
  ],
  rtts: [0, 20, 50] as readonly number[],
  /** For one host of a run, at +50 ms. */
  wire: [
    { command: "kamal deploy -P", what: "a new version", connections: 1, turns: 72, up_kb: 20, down_kb: 25 },
    { command: "kamal redeploy -P", what: "a new version", connections: 1, turns: 52, up_kb: 14.3, down_kb: 17 },
    { command: "kamal rollback V", what: "to the version before", connections: 1, turns: 45, up_kb: 11.9, down_kb: 13 },
    { command: "kamal deploy -P", what: "the same version", connections: 1, turns: 76, up_kb: 21.1, down_kb: 24 },
  ],
  /** Of `kamal deploy`. */
  cpu_s: 1.0,
  memory_mb: { 1: 36, 10: 41 },
} as const;

export type KamalRow = (typeof KAMAL.rows)[number];

/** Seconds of a row, if they were measured. */
export function kamalSeconds(row: KamalRow, hosts: number, rtt_ms: number): number | undefined {
  const measured: Readonly<Record<number, readonly number[]>> = row.seconds;
  return measured[hosts]?.[KAMAL.rtts.indexOf(rtt_ms)];
}
