import { plural } from "../target.ts";
import { COMMANDS, type CommandRow, type CommandsCase, type CommandsResult, criticalRoundTrips } from "./result.ts";

const HEAD = ["", "wall", "over floor", "CPU", "memory", "SSH", "turns", "up", "down"] as const;

/** A block of lines for each case, then the history and the phases. */
export function commandRows(result: CommandsResult): string[][] {
  const { cases, history, timelines } = result;
  const trips = [...new Set(cases.map(({ hosts }) => hosts))].flatMap((hosts) => {
    const found = criticalRoundTrips(result, "deploy", hosts);
    return found === undefined ? [] : `a release, ${plural(hosts)}: ${found.toFixed(0)} round trips one after the other`;
  });
  return [
    ...cases.map(caseBlock),
    history.map(
      ({ releases, others, down_kb }) =>
        `release ${releases}${others === 0 ? "" : `, ${others} containers of others`}: ${down_kb} kB received from the host`,
    ),
    timelines.map(({ rtt_ms, wall_s, phases }) => {
      const parts = phases.map(({ phase, from_s, to_s }) => `${phase} ${(to_s - from_s).toFixed(2)}`);
      return `one release, +${rtt_ms} ms, ${seconds(wall_s)}: ${parts.join(" · ")}`;
    }),
    trips,
  ];
}

/** The commands on some hosts, a line each, and what they are compared with. */
export function caseBlock({ hosts, rtt_ms, floor, rows }: CommandsCase): string[] {
  const table = [
    [`${plural(hosts)}, +${rtt_ms} ms`, ...HEAD.slice(1)],
    ["up of an empty program (floor)", seconds(floor.wall_s), "", seconds(floor.cpu_s), "", "", "", "", ""],
    ...rows.map((row) => cells(row, floor.wall_s)),
  ];
  const widths = HEAD.map((_, at) => Math.max(...table.map((line) => line[at]?.length ?? 0)));
  return table.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

const cells = (row: CommandRow, floor: number): string[] => [
  `${COMMANDS[row.command].typed.replace(" --yes", "")}, ${COMMANDS[row.command].what}`,
  seconds(row.wall_s),
  `${row.wall_s < floor ? "−" : "+"}${Math.abs(row.wall_s - floor).toFixed(2)}`,
  seconds(row.cpu_s),
  row.memory_mb === undefined ? "" : `${row.memory_mb} MB`,
  `${row.connections}`,
  `${row.turns}`,
  `${row.up_kb} kB`,
  `${row.down_kb} kB`,
];

const seconds = (value: number): string => `${value.toFixed(2)} s`;
