import type { CommandName, CommandsResult } from "../commands/result.ts";
import { plural } from "../target.ts";
import { barChart, lineChart, phaseChart, type Series } from "./charts.ts";
import { KAMAL, kamalSeconds } from "./kamal.ts";

const OURS: readonly (readonly [CommandName, name: string, colour: string])[] = [
  ["deploy", "slipway deploy, new version", "#1f6feb"],
  ["rollback", "slipway rollback", "#58a6ff"],
  ["deploy_noop", "slipway deploy, nothing to do", "#2da44e"],
];
const THEIRS: readonly (readonly [row: number, name: string, colour: string])[] = [
  [0, "kamal deploy, new version", "#d1572b"],
  [2, "kamal rollback", "#e8915f"],
  [3, "kamal deploy, same version", "#b58a1b"],
];

type At = (command: { readonly hosts: number; readonly rtt_ms: number }) => number | undefined;

/** Both tools in pairs; a point for each of these places that `x` accepts. */
function pairs({ cases }: CommandsResult, x: At): Series[] {
  return OURS.flatMap(([command, name, colour], at): Series[] => {
    const ours = cases.flatMap((one) => {
      const [place, row] = [x(one), one.rows.find((found) => found.command === command)];
      return place === undefined || row === undefined ? [] : [{ x: place, y: row.wall_s }];
    });
    const [number = 0, theirName = "", theirColour = ""] = THEIRS[at] ?? [];
    const row = KAMAL.rows[number];
    const theirs = cases.flatMap((one) => {
      const [place, y] = [x(one), row === undefined ? undefined : kamalSeconds(row, one.hosts, one.rtt_ms)];
      return place === undefined || y === undefined ? [] : [{ x: place, y }];
    });
    return [
      { name, colour, points: ours },
      { name: theirName, colour: theirColour, points: theirs, dashed: true },
    ];
  });
}

/** File name → SVG. */
export function plotsOf(commands: CommandsResult): Readonly<Record<string, string>> {
  const { timelines } = commands;
  return {
    "by-hosts.svg": barChart({
      title: "Complete commands by number of hosts, seconds (no round trip added)",
      label: plural,
      series: pairs(commands, ({ hosts, rtt_ms }) => (rtt_ms === 0 ? hosts : undefined)),
    }),
    "by-round-trip.svg": lineChart({
      title: `Complete commands by added round trip, seconds (${plural(1)})`,
      label: (rtt) => `+${rtt} ms`,
      series: pairs(commands, ({ hosts, rtt_ms }) => (hosts === 1 ? rtt_ms : undefined)),
    }),
    "phases.svg": phaseChart(
      "One slipway deploy of a new version on 1 host, by added round trip",
      timelines.map(({ rtt_ms, phases }) => ({
        name: `+${rtt_ms} ms`,
        parts: phases.map(({ phase, from_s, to_s }) => ({ name: phase, from: from_s, to: to_s })),
      })),
    ),
  };
}
