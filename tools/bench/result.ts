import type { Milliseconds, Seconds } from "../../core/words.ts";

/** What `npm run bench` measures, and the shape of its file. Times are medians. */
export interface BenchResult {
  readonly machine: { readonly cpu: string; readonly cpus: number; readonly memory_mb: number; readonly system: string };
  readonly versions: Readonly<Record<"slipway" | "node" | "pulumi" | "docker" | "kamal_proxy", string>>;
  /** Number of runs of each median. */
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

/** From nothing to the first answer, on a server that the run creates. */
export interface ColdRow {
  readonly rounds: number;
  /** The provider creates the server. */
  readonly vm_s: Seconds;
  /** Until SSH accepts the login and cloud-init has finished. */
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
  /** Changes in the hosts' Docker, in all rounds together. */
  readonly mutations: number;
  /** The maximum of one host in one run. */
  readonly ssh_connections: number;
  /** In one run, on all hosts. */
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
  /** Added to the round trip of SSH; 0 is the lab's own network. */
  readonly rtt_ms: Milliseconds;
  readonly noop_s: Seconds;
  readonly to_switch_s: Seconds;
  readonly limit_s: Seconds;
  /** To the last switch; the image is still on the hosts. */
  readonly rollback_s: Seconds;
  /** From the exit of a container that ends at boot to the error on the screen. */
  readonly exit_reported_s: Seconds;
  /** `slipway deploy` on one host with nothing to do. */
  readonly deploy_noop_s: Seconds;
  /** Peak memory of the provider's process, in all rounds. */
  readonly rss_mb: number;
}

/** @example median([3, 1, 2]) // 2 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new RangeError("no values");
  return (low + high) / 2;
}

/** Rounded to two decimals. */
export const rounded = (seconds: Seconds): Seconds => Math.round(seconds * 100) / 100;
