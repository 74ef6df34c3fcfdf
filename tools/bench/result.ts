import type { Seconds } from "../../core/words.ts";

/** What `npm run bench` measures, and the shape of its file. Times are medians. */
export interface BenchResult {
  readonly machine: { readonly cpu: string; readonly cpus: number; readonly memory_mb: number; readonly system: string };
  readonly versions: Readonly<Record<"slipway" | "node" | "pulumi" | "docker" | "kamal_proxy", string>>;
  /** How many runs a median is of. */
  readonly rounds: number;
  /** `pulumi up --skip-preview` of an empty program. */
  readonly floor: { readonly up_s: Seconds };
  readonly noop: readonly NoopRow[];
  readonly release: readonly ReleaseRow[];
  readonly swaps: { readonly count: number; readonly rate: number; readonly requests: number; readonly failed: number };
}

export interface NoopRow {
  readonly hosts: number;
  readonly up_s: Seconds;
  /** Changes that the hosts' Docker saw, in all rounds together. */
  readonly mutations: number;
  /** The most that one host saw in one run. */
  readonly ssh_connections: number;
  /** Of one run, on all hosts. */
  readonly docker_calls: number;
}

export interface ReleaseRow {
  readonly hosts: number;
  readonly up_s: Seconds;
  /** From the start of the provider's update to the last switch. */
  readonly to_switch_s: Seconds;
  /** The same swap with plain Docker calls on the host. */
  readonly limit_s: Seconds;
}

/** @example median([3, 1, 2]) // 2 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new RangeError("no values, no median");
  return (low + high) / 2;
}

/** Two decimals, as people read them. */
export const rounded = (seconds: Seconds): Seconds => Math.round(seconds * 100) / 100;
