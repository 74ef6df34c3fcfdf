import { z } from "zod";
import type { Seconds } from "../../core/words.ts";
import { CommandsResult } from "./commands/result.ts";
import { NewcomerRow } from "./newcomer/result.ts";
import { TransferRow } from "./transfer/result.ts";

/** From nothing to the first answer, on a server that the run creates. */
export const ColdRow = z.object({
  rounds: z.number(),
  /** The provider creates the server. */
  vm_s: z.number(),
  /** Until SSH accepts the login and cloud-init has finished. */
  ssh_s: z.number(),
  docker_s: z.number(),
  pull_s: z.number(),
  release_s: z.number(),
  /** From the start of the run to the first 200. */
  first_answer_s: z.number(),
});
export type ColdRow = z.infer<typeof ColdRow>;

export const NoopRow = z.object({
  hosts: z.number(),
  up_s: z.number(),
  /** Changes in the hosts' Docker, in all rounds together. */
  mutations: z.number(),
  /** The maximum of one host in one run. */
  ssh_connections: z.number(),
  /** In one run, on all hosts. */
  docker_calls: z.number(),
});
export type NoopRow = z.infer<typeof NoopRow>;

export const ReleaseRow = z.object({
  hosts: z.number(),
  up_s: z.number(),
  /** From the start of the provider's update to the last switch. */
  to_switch_s: z.number(),
  /** The same swap with plain Docker calls on the host. */
  limit_s: z.number(),
});
export type ReleaseRow = z.infer<typeof ReleaseRow>;

/** An app with web on two hosts and a worker on a third. */
export const FleetRow = z.object({
  hosts: z.number(),
  /** Added to the round trip of SSH; 0 is the lab's own network. */
  rtt_ms: z.number(),
  noop_s: z.number(),
  to_switch_s: z.number(),
  limit_s: z.number(),
  /** To the last switch; the image is still on the hosts. */
  rollback_s: z.number(),
  /** From the exit of a container that ends at boot to the error on the screen. */
  exit_reported_s: z.number(),
  /** `slipway deploy` on one host with nothing to do. */
  deploy_noop_s: z.number(),
  /** Peak memory of the provider's process, in all rounds. */
  rss_mb: z.number(),
});
export type FleetRow = z.infer<typeof FleetRow>;

/** The steps inside of a run, from this checkout. */
export const StepsResult = z.object({
  /** `pulumi up --skip-preview` of an empty program. */
  floor: z.object({ up_s: z.number() }),
  noop: z.array(NoopRow),
  release: z.array(ReleaseRow),
  fleet: z.array(FleetRow),
  cold: ColdRow,
  swaps: z.object({ hosts: z.number(), count: z.number(), rate: z.number(), requests: z.number(), failed: z.number() }),
});
export type StepsResult = z.infer<typeof StepsResult>;

/** When and where something was measured. */
export const Circumstances = z.object({
  /** The day, as 2026-01-31. */
  measured: z.string(),
  machine: z.object({
    cpu: z.string(),
    cpus: z.number(),
    memory_mb: z.number(),
    system: z.string(),
    /** The load average of a minute before the bench itself did anything. */
    load: z.number(),
  }),
  versions: z.record(z.enum(["slipway", "node", "pulumi", "docker", "kamal_proxy"]), z.string()),
  /** Number of runs of each median, where a part does not say it itself. */
  rounds: z.number(),
});
export type Circumstances = z.infer<typeof Circumstances>;

/** What can be measured on its own, by `--only`. */
export const PARTS = ["commands", "steps", "transfer", "newcomer"] as const;
export type Part = (typeof PARTS)[number];

/** What `npm run bench` measures, and the shape of its file. Times are medians. */
export const BenchResult = Circumstances.extend({
  commands: CommandsResult.optional(),
  steps: StepsResult.optional(),
  transfer: z.array(TransferRow).optional(),
  newcomer: NewcomerRow.optional(),
  /** Of the parts that are from a different run than the others. */
  elsewhere: z.partialRecord(z.enum(PARTS), Circumstances).optional(),
});
export type BenchResult = z.infer<typeof BenchResult>;

/** Whether the machine had more to do than it has CPUs, before the bench did anything: its seconds are then not to be compared. */
export const wasBusy = ({ load, cpus }: Circumstances["machine"]): boolean => load > cpus;

/** @example median([3, 1, 2]) // 2 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new RangeError("no values");
  return (low + high) / 2;
}

/** Rounded to two decimals. */
export const rounded = (seconds: Seconds): Seconds => Math.round(seconds * 100) / 100;
