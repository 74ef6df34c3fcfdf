import type { Bytes, Seconds } from "../../../core/words.ts";
import { plural } from "../target.ts";
import { type LineShape, MB, type TransferRow } from "./result.ts";

/** @example lineName({ rtt_ms: 20, mbit: 20 }) // "+20 ms, 20 Mbit/s" */
export const lineName = ({ rtt_ms, mbit }: LineShape): string => `+${rtt_ms} ms${mbit === undefined ? "" : `, ${mbit} Mbit/s`}`;

const HEAD = ["sent", "slipway", "limit", "docker save | ssh docker load", "push and pull", "forward", "ssh -R"] as const;

/** A line for each line to the hosts. */
export function transferBlock(rows: readonly TransferRow[]): string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { changed_mb, image_mb, hosts, rounds } = first;
  const table = [[`${changed_mb} of ${image_mb} MB to ${plural(hosts)}, ${rounds} rounds`, ...HEAD], ...rows.map(cells)];
  const widths = table[0]?.map((_, at) => Math.max(...table.map((line) => line[at]?.length ?? 0))) ?? [];
  return table.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

const cells = (row: TransferRow): string[] => [
  lineName(row),
  megabytes(row.bytes),
  seconds(row.s),
  seconds(row.limit_s),
  `${row.mbit === undefined ? "" : "≥ "}${megabytes(row.save_load_bytes)} in ${seconds(row.save_load_s)}`,
  `${megabytes(row.registry_bytes)} in ${seconds(row.registry_s)}`,
  speed(row.ours_mb_s),
  speed(row.openssh_mb_s),
];

const megabytes = (bytes: Bytes): string => `${(bytes / MB).toFixed(1)} MB`;
const seconds = (value: Seconds): string => `${value.toFixed(2)} s`;
const speed = (value: number | undefined): string => (value === undefined ? "" : `${value.toFixed(0)} MB/s`);
