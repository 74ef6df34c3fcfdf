import type { Seconds } from "../../../core/words.ts";
import type { Phase } from "./result.ts";
import type { TracedEvent } from "./trace.ts";

interface Run {
  readonly output: string;
  readonly wall_s: Seconds;
  readonly trace: readonly TracedEvent[];
  readonly started: Date;
}

/** What happens before a host is asked, and after the last one has answered. */
export const START = "start";
export const END = "end";

/**
 * The parts of a run that released something, one after the other: until the first connection, until the release begins, the phases that
 * the release itself names (those of hosts at work at the same time count once), and what follows the last answer of a host.
 */
export function phasesOf({ output, wall_s, trace, started }: Run): Phase[] {
  const [first, last] = [
    Math.min(...trace.map(({ at, ms }) => at.getTime() - ms)),
    Math.max(...trace.map(({ at }) => at.getTime())),
  ].map((moment) => (moment - started.getTime()) / 1000);
  if (first === undefined || last === undefined || !Number.isFinite(first)) return [{ phase: START, from_s: 0, to_s: wall_s }];
  const { total, parts } = releaseIn(output);
  const lengths: [phase: string, seconds: Seconds][] = [
    [START, first],
    ["look", last - total - first],
    ...parts,
    ["rest of the release", total - parts.reduce((sum, [, seconds]) => sum + seconds, 0)],
    [END, wall_s - last],
  ];
  let from_s = 0;
  return lengths.flatMap(([phase, seconds]) => {
    if (seconds < 0.005) return [];
    const to_s = from_s + seconds;
    const one = { phase, from_s: hundredths(from_s), to_s: hundredths(to_s) };
    from_s = to_s;
    return [one];
  });
}

/** `released 1.2-ab in 0.77 s, serving after 0.5 s: pull 0.4 · boot 0.2` */
function releaseIn(output: string): { total: Seconds; parts: [string, Seconds][] } {
  const [, total, path = ""] = /released \S+ in ([\d.]+) s[^:\n]*(?:: ([^\n;]*))?/.exec(output) ?? [];
  if (total === undefined) throw new Error(`the run has released nothing:\n${output}`);
  const parts = path.split(" · ").flatMap((part): [string, Seconds][] => {
    const [, name, seconds] = /^(.+) ([\d.]+)$/.exec(part.trim()) ?? [];
    return name === undefined ? [] : [[name, Number(seconds)]];
  });
  return { total: Number(total), parts };
}

const hundredths = (seconds: Seconds): Seconds => Math.round(seconds * 100) / 100;
