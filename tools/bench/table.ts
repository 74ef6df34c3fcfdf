import type { BenchResult } from "./result.ts";
import { plural, targetsOf } from "./targets.ts";

/** The result as people read it. */
export function tableOf(result: BenchResult): string {
  const { machine, versions, rounds, floor, noop, release, swaps } = result;
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
    [`${swaps.count} swaps under ${swaps.rate} requests/s`, `${swaps.failed} of ${swaps.requests} failed`],
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

const seconds = (value: number): string => `${value.toFixed(2)} s`;

function lines(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, measured]) => `${what.padEnd(width)}   ${measured}`);
}
