import { readdir, readFile } from "node:fs/promises";
import { Deadline } from "../../../core/deadline.ts";
import type { Seconds } from "../../../core/words.ts";
import type { Running } from "../../../lab/stack.ts";

/** A `pulumi` command with all that it started: language host, program, providers. */
export async function family({ process: { pid = 0 } }: Running): Promise<number[]> {
  const all = await processes();
  const grown = [pid];
  for (const member of grown) for (const [child, { parent }] of all) if (parent === member) grown.push(child);
  return grown;
}

/** What a terminal does at Ctrl-C: every process of the command hears it that is still in the command's own group. */
export async function interrupt(run: Running): Promise<void> {
  const all = await processes();
  const own = all.get(run.process.pid ?? 0)?.group;
  for (const pid of await family(run)) if (all.get(pid)?.group === own) signal(pid, "SIGINT");
}

/** Ends processes as the kernel does when memory runs out: they hear nothing. */
export function killHard(pids: readonly number[]): void {
  for (const pid of pids) signal(pid, "SIGKILL");
}

/** Resolves when none of them lives any more. */
export async function gone(pids: readonly number[], within: Seconds): Promise<void> {
  const living = async () => {
    const there = await processes();
    return pids.filter((pid) => there.has(pid));
  };
  await Deadline.in(within).until(
    async () => ((await living()).length === 0 ? true : undefined),
    () => new Error(`processes still there after ${within} s: ${pids.join(", ")}`),
  );
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone already
  }
}

/** Every living process by its id; a zombie is dead. */
async function processes(): Promise<Map<number, { parent: number; group: number }>> {
  const pids = (await readdir("/proc")).map(Number).filter(Number.isInteger);
  const stats = pids.map(async (pid): Promise<[number, { parent: number; group: number }][]> => {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const [state = "", parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "" || state === "Z" ? [] : [[pid, { parent: Number(parent), group: Number(group) }]];
  });
  return new Map((await Promise.all(stats)).flat());
}
