import type { Milliseconds } from "../../../core/words.ts";
import { type Lab, startLab } from "../../../lab/lab.ts";
import { labValues } from "../../../lab/stack.ts";
import type { EmptyStack } from "../empty.ts";
import type { MeasuredRun } from "../measured-run.ts";
import { median, rounded } from "../result.ts";
import { CommandFleet, type CommandRun } from "./fleet.ts";
import { growHistory } from "./history.ts";
import { InstalledProject } from "./installed.ts";
import { phasesOf } from "./phases.ts";
import {
  COMMAND_NAMES,
  type CommandName,
  type CommandRow,
  type CommandsCase,
  type CommandsResult,
  type Timeline,
} from "./result.ts";
import { caseBlock } from "./table.ts";

/** What is measured of the commands. */
export interface CommandsPlan {
  readonly hosts: readonly number[];
  readonly rtts: readonly Milliseconds[];
  readonly rounds: number;
  /** The tarball to measure; default: the package of this checkout. */
  readonly tarball: string | undefined;
}

/** Many hosts on one machine have no CPU time to spare: only without added round trip. */
const MANY = 10;
/** In this order in each round: each finds what the one before it has left. */
const IN_A_ROUND: readonly CommandName[] = ["deploy", "deploy_noop", "up_skip_noop", "up_noop", "rollback"];

const nameOf = (_: unknown, at: number): string => `bench-${at + 1}`;

export async function measureCommands(plan: CommandsPlan, empty: EmptyStack): Promise<CommandsResult> {
  const sizes = [...plan.hosts].sort((a, b) => a - b);
  const named = (count: number) => startLab({ hosts: Array.from({ length: count }, nameOf) });
  // Hosts that are not needed yet would only take CPU time.
  const first = await named(sizes[0] ?? 1);
  await using project = await InstalledProject.create(first, valuesFor(first), { tarball: plan.tarball });
  const cases: CommandsCase[] = [];
  const timelines: Timeline[] = [];
  const result: CommandsResult = { cases, timelines, history: [] };
  for (const size of sizes) {
    const lab = await named(size);
    await project.configure({ ssh: labValues(lab).ssh });
    for (const rtt of plan.rtts) {
      if (size >= MANY && rtt !== 0) continue;
      await using fleet = new CommandFleet(lab, project, lab.hosts, rtt);
      const { rows, floor, timeline } = await measureCase(fleet, empty, { rtt, rounds: plan.rounds });
      const measured = { hosts: size, rtt_ms: rtt, floor, rows };
      cases.push(measured);
      // A run takes long: what is known is not lost with it.
      console.error(caseBlock(measured).join("\n"));
      if (size === 1) timelines.push(timeline);
      if (size === 1 && rtt === 0) result.history.push(...(await growHistory(fleet)));
    }
    await lab.reset();
  }
  return result;
}

/** What does not change from case to case. */
function valuesFor(lab: Lab): Readonly<Record<string, unknown>> {
  const { registry } = labValues(lab);
  return { service: "bench", registry, proxy: { app_port: 3000, host: "bench.test" } };
}

interface Measured {
  readonly floor: CommandsCase["floor"];
  readonly rows: CommandRow[];
  readonly timeline: Timeline;
}

async function measureCase(
  fleet: CommandFleet,
  empty: EmptyStack,
  { rtt, rounds }: { readonly rtt: Milliseconds; readonly rounds: number },
): Promise<Measured> {
  const runs = new Map<CommandName, CommandRun[]>(COMMAND_NAMES.map((name) => [name, []]));
  const floors: MeasuredRun[] = [];
  const say = (what: string) => console.error(`bench: commands, ${fleet.hosts.length} hosts, +${rtt} ms: ${what}`);
  for (let round = 0; round <= rounds; round += 1) {
    say(round === 0 ? "warm-up" : `round ${round} of ${rounds}`);
    await fleet.reset();
    const taken: [CommandName, CommandRun][] = [["first_deploy", await fleet.run("first_deploy")]];
    await fleet.newVersion();
    for (const name of IN_A_ROUND) taken.push([name, await fleet.run(name)]);
    const floor = await empty.up();
    if (round === 0) continue;
    for (const [name, run] of taken) runs.get(name)?.push(run);
    floors.push(floor);
  }
  say("watched");
  const memory = new Map<CommandName, number>();
  await fleet.newVersion();
  const deploy = await fleet.watched("deploy");
  memory.set("deploy", deploy.memory_mb);
  for (const name of IN_A_ROUND.slice(1)) if (rtt === 0) memory.set(name, (await fleet.watched(name)).memory_mb);
  return {
    floor: { wall_s: secondsOf(floors, "wall_s"), cpu_s: secondsOf(floors, "cpu_s") },
    rows: [...runs].map(([name, all]) => rowFrom(name, all, rtt === 0 ? memory.get(name) : undefined)),
    timeline: { rtt_ms: rtt, wall_s: rounded(deploy.wall_s), phases: phasesOf(deploy) },
  };
}

/** Medians of all runs of one command. */
export function rowFrom(command: CommandName, runs: readonly CommandRun[], memory_mb: number | undefined): CommandRow {
  const most = (of: keyof CommandRun["traffic"][number]) =>
    median(runs.map(({ traffic }) => Math.max(0, ...traffic.map((one) => one[of]))));
  return {
    command,
    wall_s: secondsOf(runs, "wall_s"),
    cpu_s: secondsOf(runs, "cpu_s"),
    ...(memory_mb === undefined ? {} : { memory_mb }),
    connections: most("connections"),
    turns: most("turns"),
    up_kb: Math.round(most("up") / 100) / 10,
    down_kb: Math.round(most("down") / 100) / 10,
  };
}

const secondsOf = (runs: readonly MeasuredRun[], of: "wall_s" | "cpu_s"): number => rounded(median(runs.map((run) => run[of])));
