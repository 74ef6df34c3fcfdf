import type { CommandName, CommandRow, CommandsResult } from "../../../../tools/bench/commands/result.ts";
import type { NewcomerRow } from "../../../../tools/bench/newcomer/result.ts";
import type { BenchResult } from "../../../../tools/bench/result.ts";
import type { TransferRow } from "../../../../tools/bench/transfer/result.ts";

export const aRow = (command: CommandName, more: Partial<CommandRow> = {}): CommandRow => ({
  command,
  wall_s: 2,
  cpu_s: 1,
  connections: 1,
  turns: 20,
  up_kb: 5,
  down_kb: 40,
  ...more,
});

/** One host, near and far; ten, near. */
export const someCommands = (more: Partial<CommandsResult> = {}): CommandsResult => ({
  cases: [
    {
      hosts: 1,
      rtt_ms: 0,
      floor: { wall_s: 1.2, cpu_s: 1.1 },
      rows: [
        aRow("deploy", { wall_s: 2.1, cpu_s: 1.9, memory_mb: 270 }),
        aRow("deploy_noop", { wall_s: 0.5, cpu_s: 0.4 }),
        aRow("rollback"),
      ],
    },
    { hosts: 1, rtt_ms: 50, floor: { wall_s: 1.2, cpu_s: 1.1 }, rows: [aRow("deploy", { wall_s: 2.6 }), aRow("rollback")] },
    { hosts: 10, rtt_ms: 0, floor: { wall_s: 1.3, cpu_s: 1.1 }, rows: [aRow("deploy", { wall_s: 3.9, memory_mb: 330 })] },
  ],
  history: [
    { releases: 2, others: 0, down_kb: 40 },
    { releases: 11, others: 40, down_kb: 41 },
  ],
  timelines: [
    {
      rtt_ms: 0,
      wall_s: 2.1,
      phases: [
        { phase: "start", from_s: 0, to_s: 1.1 },
        { phase: "end", from_s: 1.1, to_s: 2.1 },
      ],
    },
  ],
  ...more,
});

export const aResult = (commands = someCommands()): BenchResult => ({
  measured: "2026-01-31",
  machine: { cpu: "Some CPU", cpus: 2, memory_mb: 8192, system: "Linux 6.1", load: 0.2 },
  versions: { slipway: "0.1.0", node: "24.1.0", pulumi: "3.200.0", docker: "26.1.5", kamal_proxy: "0.9.2" },
  rounds: 5,
  commands,
});

/** Within all bars. */
export const aTransfer = (more: Partial<TransferRow> = {}): TransferRow => ({
  rounds: 3,
  image_mb: 300,
  changed_mb: 5,
  hosts: 3,
  rtt_ms: 0,
  bytes: 15_045_354,
  s: 1,
  limit_s: 0.6,
  save_load_bytes: 901_317_732,
  save_load_s: 9,
  registry_bytes: 5_036_401,
  registry_s: 1.5,
  ours_mb_s: 40,
  openssh_mb_s: 50,
  ...more,
});

export const aNewcomer = (): NewcomerRow => ({
  rounds: 3,
  first_answer_s: 18.5,
  wall_s: 19.1,
  phases: [
    { phase: "start", from_s: 0, to_s: 4 },
    { phase: "docker", from_s: 4, to_s: 11.5 },
    { phase: "proxy", from_s: 11.5, to_s: 13 },
    { phase: "build", from_s: 13, to_s: 16 },
    { phase: "transfer", from_s: 16, to_s: 16.54 },
    { phase: "release", from_s: 16.54, to_s: 18.5 },
  ],
});
