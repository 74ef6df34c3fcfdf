import type { BenchResult, FleetRow } from "./result.ts";
import { plural, targetsOf } from "./targets.ts";

/** The result as text. */
export function tableOf(result: BenchResult): string {
  const { machine, versions, rounds, floor, noop, release, fleet, cold, swaps } = result;
  const rows: [what: string, measured: string][] = [
    ["up of an empty program (floor)", seconds(floor.up_s)],
    ...noop.map(({ hosts, up_s, mutations, ssh_connections, docker_calls }): [string, string] => [
      `up without changes, ${plural(hosts)}`,
      `${seconds(up_s)}   ${mutations} changes, ${ssh_connections} SSH connection a host, ${docker_calls} Docker calls`,
    ]),
    ...release.map(({ hosts, up_s, to_switch_s, limit_s }): [string, string] => [
      `up with a new version, ${plural(hosts)}`,
      `${seconds(up_s)}   serving after ${seconds(to_switch_s)}; plain Docker calls on the host need ${seconds(limit_s)}`,
    ]),
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
  const targets = targetsOf(result).map(({ what, measured, held }): [string, string] => [
    what,
    `${measured}   ${held ? "pass" : "FAIL"}`,
  ]);
  const parts = Object.entries(versions).map(([part, version]) => `${part} ${version}`);
  return [
    `${machine.cpus} × ${machine.cpu}, ${machine.memory_mb} MB, ${machine.system}`,
    `${parts.join(", ")}; medians of ${rounds}`,
    "",
    ...lines(rows),
    "",
    ...lines(targets),
  ].join("\n");
}

function fleetRows(row: FleetRow): [what: string, measured: string][] {
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

function lines(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, measured]) => `${what.padEnd(width)}   ${measured}`);
}
