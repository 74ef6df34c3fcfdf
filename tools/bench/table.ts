import { commandRows } from "./commands/table.ts";
import { newcomerBlock } from "./newcomer/table.ts";
import { type BenchResult, type FleetRow, type StepsResult, wasBusy } from "./result.ts";
import { plural } from "./target.ts";
import { targetsOf } from "./targets.ts";
import { transferBlock } from "./transfer/table.ts";

/** A line of the table. */
export type Line = readonly [what: string, measured: string];

/** The result as text. */
export function tableOf(result: BenchResult): string {
  const { machine, versions, rounds, commands, steps, transfer, newcomer } = result;
  const targets = targetsOf(result).map(({ what, measured, held }): Line => [what, `${measured}   ${held ? "pass" : "FAIL"}`]);
  const busy = wasBusy(machine) ? ": too busy to compare seconds" : "";
  const parts = Object.entries(versions).map(([part, version]) => `${part} ${version}`);
  const blocks = [
    [
      `${machine.cpus} × ${machine.cpu}, ${machine.memory_mb} MB, ${machine.system}, load ${machine.load} before it${busy}`,
      `${parts.join(", ")}; medians of ${rounds}`,
    ],
    ...(commands === undefined ? [] : commandRows(commands)),
    steps === undefined ? [] : lines(stepRows(steps)),
    transfer === undefined ? [] : transferBlock(transfer),
    newcomer === undefined ? [] : newcomerBlock(newcomer),
    lines(targets),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n");
}

function stepRows({ floor, noop, release, fleet, cold, swaps }: StepsResult): Line[] {
  return [
    ["up of an empty program (floor)", seconds(floor.up_s)],
    ...noop.map(
      ({ hosts, up_s, mutations, ssh_connections, docker_calls }): Line => [
        `up without changes, ${plural(hosts)}`,
        `${seconds(up_s)}   ${mutations} changes, ${ssh_connections} SSH connection a host, ${docker_calls} Docker calls`,
      ],
    ),
    ...release.map(
      ({ hosts, up_s, to_switch_s, limit_s }): Line => [
        `up with a new version, ${plural(hosts)}`,
        `${seconds(up_s)}   serving after ${seconds(to_switch_s)}; plain Docker calls on the host need ${seconds(limit_s)}`,
      ],
    ),
    ...fleet.flatMap(fleetRows),
    [
      "from nothing to the first answer, 1 new server",
      `${seconds(cold.first_answer_s)}   server ${cold.vm_s} · SSH ${cold.ssh_s} · Docker ${cold.docker_s} · release ${cold.release_s}, of it pull ${cold.pull_s}`,
    ],
    [
      `${swaps.count} swaps on ${plural(swaps.hosts)} under ${swaps.rate} requests/s each`,
      `${swaps.failed} of ${swaps.requests} failed`,
    ],
  ];
}

function fleetRows(row: FleetRow): Line[] {
  const where = row.rtt_ms === 0 ? "web and worker" : `the same, +${row.rtt_ms} ms`;
  return [
    [`${where}: up without changes`, `${seconds(row.noop_s)}   the provider takes up to ${row.rss_mb} MB`],
    [
      `${where}: new version serves after`,
      `${seconds(row.to_switch_s)}   plain Docker calls on the hosts need ${seconds(row.limit_s)}`,
    ],
    [`${where}: rollback serves after`, seconds(row.rollback_s)],
    [`${where}: exit at boot reported after`, seconds(row.exit_reported_s)],
    [`${where}: slipway deploy, nothing to do, 1 host`, seconds(row.deploy_noop_s)],
  ];
}

const seconds = (value: number): string => `${value.toFixed(2)} s`;

function lines(rows: readonly Line[]): string[] {
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, measured]) => `${what.padEnd(width)}   ${measured}`);
}
