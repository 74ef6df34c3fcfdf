import type { Milliseconds, Seconds } from "../../../core/words.ts";
import { atMost, plural, type Target, within } from "../target.ts";
import { COMMANDS, type CommandName, type CommandsResult, caseOf, criticalRoundTrips, rowOf } from "./result.ts";

/** What a command may take, on that many hosts and with that much added round trip. */
interface Bar {
  readonly command: CommandName;
  readonly hosts: number;
  readonly rtt_ms: Milliseconds;
  /** Over an `up` of an empty program, or at all. */
  readonly from: "floor" | "zero";
  readonly wall_s: Seconds;
}

const BARS: readonly Bar[] = [
  { command: "deploy", hosts: 1, rtt_ms: 0, from: "floor", wall_s: 1.2 },
  { command: "deploy", hosts: 1, rtt_ms: 50, from: "floor", wall_s: 2.0 },
  { command: "deploy", hosts: 3, rtt_ms: 0, from: "floor", wall_s: 1.5 },
  { command: "deploy", hosts: 3, rtt_ms: 50, from: "floor", wall_s: 2.4 },
  { command: "deploy", hosts: 10, rtt_ms: 0, from: "floor", wall_s: 3.0 },
  { command: "rollback", hosts: 1, rtt_ms: 0, from: "floor", wall_s: 1.3 },
  { command: "rollback", hosts: 1, rtt_ms: 50, from: "floor", wall_s: 2.1 },
  { command: "up_skip_noop", hosts: 1, rtt_ms: 0, from: "floor", wall_s: 0.6 },
  { command: "up_skip_noop", hosts: 3, rtt_ms: 0, from: "floor", wall_s: 0.75 },
  { command: "deploy_noop", hosts: 1, rtt_ms: 0, from: "zero", wall_s: 0.6 },
  { command: "deploy_noop", hosts: 1, rtt_ms: 50, from: "zero", wall_s: 1.1 },
];

/** CPU time on one host, without added round trip. */
const CPU: readonly (readonly [CommandName, Seconds])[] = [
  ["deploy", 2.2],
  ["deploy_noop", 0.8],
];
const ROUND_TRIPS = 16;
const DOWN_KB = 60;
/** What a longer history may add to what a release reads, in percent. Some: a number may have one more digit. */
const GROWTH = 10;
/** Of all processes, by number of hosts. */
const MEMORY_MB: Readonly<Record<number, number>> = { 1: 280, 10: 340 };

export const commandTargets = (result: CommandsResult): Target[] => [
  ...BARS.flatMap((bar) => held(bar, result)),
  ...CPU.flatMap(([command, bound]) => within(`${title(command)}, 1 host: CPU time`, rowOf(result, command, 1, 0)?.cpu_s, bound)),
  ...atMost("a release, 1 host: round trips one after the other", criticalRoundTrips(result, "deploy", 1), ROUND_TRIPS, ""),
  ...atMost("a release, 1 host: received", rowOf(result, "deploy", 1, 0)?.down_kb, DOWN_KB, "kB"),
  ...growth(result),
  ...result.cases.flatMap(({ hosts, rows }) => {
    const all = rows.flatMap(({ memory_mb }) => memory_mb ?? []);
    const [most, bound] = [Math.max(...all), MEMORY_MB[hosts]];
    return all.length === 0 || bound === undefined ? [] : atMost(`${plural(hosts)}: memory of all processes`, most, bound, "MB");
  }),
];

const title = (command: CommandName): string => `${COMMANDS[command].typed.replace(" --yes", "")}, ${COMMANDS[command].what}`;

function held({ command, hosts, rtt_ms, from, wall_s }: Bar, result: CommandsResult): Target[] {
  const row = rowOf(result, command, hosts, rtt_ms);
  const base = from === "floor" ? caseOf(result.cases, hosts, rtt_ms)?.floor.wall_s : 0;
  if (row === undefined || base === undefined) return [];
  const what = `${title(command)}, ${plural(hosts)}, +${rtt_ms} ms${from === "floor" ? ": over the floor" : ""}`;
  return within(what, row.wall_s - base, wall_s);
}

function growth({ history }: CommandsResult): Target[] {
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const what = `after ${last.releases - first.releases} more releases and ${last.others} containers of others: received in addition`;
  return atMost(what, (last.down_kb / first.down_kb - 1) * 100, GROWTH, "%");
}
