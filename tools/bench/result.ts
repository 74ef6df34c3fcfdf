import type { Milliseconds, Seconds } from "../../core/words.ts";

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
  readonly fleet: readonly FleetRow[];
  readonly cold: ColdRow;
  readonly swaps: {
    readonly hosts: number;
    readonly count: number;
    readonly rate: number;
    readonly requests: number;
    readonly failed: number;
  };
}

/** From nothing to the first answer, on a server that the run makes. */
export interface ColdRow {
  readonly rounds: number;
  /** The provider makes the server. */
  readonly vm_s: Seconds;
  /** Until SSH lets us in and the server has set itself up. */
  readonly ssh_s: Seconds;
  readonly docker_s: Seconds;
  readonly pull_s: Seconds;
  readonly release_s: Seconds;
  /** From the start of the run to the first 200. */
  readonly first_answer_s: Seconds;
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

/** An app with web on two hosts and a worker on a third. */
export interface FleetRow {
  readonly hosts: number;
  /** Added to the way of SSH, there and back; 0 is the lab's own network. */
  readonly rtt_ms: Milliseconds;
  readonly noop_s: Seconds;
  readonly to_switch_s: Seconds;
  readonly limit_s: Seconds;
  /** To the last switch, with the image still on the hosts. */
  readonly rollback_s: Seconds;
  /** From the exit of a container that ends at boot to the error on the screen. */
  readonly exit_reported_s: Seconds;
  /** `slipway deploy` on one host where nothing is to do. */
  readonly deploy_noop_s: Seconds;
  /** The most memory of the provider's process, in all rounds. */
  readonly rss_mb: number;
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
