import type { Verdict } from "./cell.ts";
import { FAULTS, type Fault, type FaultName } from "./fault.ts";
import { nameOf, type Point } from "./point.ts";
import type { Scenario } from "./scenario.ts";

/** `ok`, `ok, host out 1.2 s`, or what went wrong. */
export function verdictText({ problems, cell, out }: Verdict): string {
  // Where the lab's registry listens is different on every machine.
  if (problems.length > 0) return `**failed**: ${problems.join("; ").replaceAll(/\b\d+(?:\.\d+){3}:\d+\//g, "")}`;
  return cell.fault.outage && out > 0 ? `ok, host out ${out.toFixed(1)} s` : "ok";
}

/** One cell in a line, with how the run ended that met the fault. */
export function cellText(verdict: Verdict): string {
  const { cell, ending, seconds } = verdict;
  const how = "text" in ending ? `${ending.how}: ${ending.text.split("\n", 2).join(" ")}` : ending.how;
  return `${cell.fault.name} at ${nameOf(cell.point)}: ${verdictText(verdict)} (${seconds.toFixed(1)} s, ${how})`;
}

/** What came of one scenario. */
export interface Result {
  readonly scenario: Scenario;
  /** In the order in which a run without a fault came to them. */
  readonly points: readonly Point[];
  /** How many there are, of which this may be a part. */
  readonly cells: number;
  readonly verdicts: readonly Verdict[];
  /** Part → version. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What came of one scenario, as a part of the page. @param seed of a sample; none for the whole scenario */
export const section = (
  { scenario, verdicts, points, versions }: Result,
  seed?: number,
): string => `## ${scenario.name}: ${scenario.says}

${seed === undefined ? "Every point" : `A sample with seed ${seed}`}. ${partsText(versions)}.

${totals(verdicts)}
${reasons(verdicts)}
${table(points, verdicts)}
`;

const partsText = (versions: Result["versions"]): string =>
  Object.entries(versions)
    .filter(([, version]) => version !== "")
    .map(([part, version]) => `${part} ${version}`)
    .join(", ");

/** What is known of cells that are not ok. */
const KNOWN: readonly {
  readonly fault: FaultName;
  readonly is: (problems: readonly string[]) => boolean;
  readonly why: string;
}[] = [
  {
    fault: "disk",
    is: (problems) => problems.every((problem) => /^\S+: left over: image sha256:[0-9a-f]{64}$/.test(problem)),
    why: "on a full disk Docker takes an image's name away and then fails to remove the rest of it. An image without a name has no known owner: it may be someone else's build, so Slipway does not remove it. `docker image prune` does; it costs disk space and affects no user",
  },
];

function reasons(verdicts: readonly Verdict[]): string {
  const failed = verdicts.filter(({ problems }) => problems.length > 0);
  const known = KNOWN.flatMap(({ fault, is, why }) => {
    const own = failed.filter(({ cell, problems }) => cell.fault.name === fault && is(problems));
    return own.length === 0 ? [] : [{ count: own.length, why }];
  });
  const unknown = failed.length - known.reduce((sum, { count }) => sum + count, 0);
  const rest = unknown === 0 ? [] : [`- ${unknown}: not explained yet.`];
  const lines = [...known.map(({ count, why }) => `- ${count}: ${why}.`), ...rest];
  return lines.length === 0 ? "" : `\nOf those that are not:\n\n${lines.join("\n")}\n`;
}

const struckIn = (verdicts: readonly Verdict[]): Fault[] =>
  FAULTS.filter(({ name }) => verdicts.some(({ cell }) => cell.fault.name === name));

function totals(verdicts: readonly Verdict[]): string {
  const rows = struckIn(verdicts).map(({ name, outage }) => {
    const own = verdicts.filter(({ cell }) => cell.fault.name === name);
    const ended = (how: Verdict["ending"]["how"]) => String(own.filter(({ ending }) => ending.how === how).length);
    const passed = own.filter(({ problems }) => problems.length === 0).length;
    const outs = own.map(({ out }) => out).filter((out) => out > 0);
    const longest = outage && outs.length > 0 ? `${Math.max(...outs).toFixed(1)} s` : "–";
    return [name, String(own.length), String(passed), ended("done"), ended("refused"), ended("killed"), longest];
  });
  const requests = verdicts.reduce((sum, verdict) => sum + verdict.requests, 0);
  const lost = verdicts.reduce((sum, verdict) => sum + verdict.lost, 0);
  const passed = verdicts.filter(({ problems }) => problems.length === 0).length;
  const head = ["fault", "cells", "ok", "run ended well by itself", "run failed with an error", "run killed", "longest host out"];
  return `${markdown([head, ...rows])}

${passed} of ${verdicts.length} cells are ok.${requests === 0 ? "" : ` ${requests} requests were made; ${lost} of them failed on a host that was out.`}`;
}

function table(all: readonly Point[], verdicts: readonly Verdict[]): string {
  const struck = new Set(verdicts.map(({ cell }) => nameOf(cell.point)));
  const points = all.map(nameOf).filter((point) => struck.has(point));
  const faults = struckIn(verdicts).map(({ name }) => name);
  const entry = (point: string, fault: FaultName) => {
    const verdict = verdicts.find(({ cell }) => nameOf(cell.point) === point && cell.fault.name === fault);
    return verdict === undefined ? "–" : verdictText(verdict);
  };
  return markdown([["point", ...faults], ...points.map((point) => [point, ...faults.map((fault) => entry(point, fault))])]);
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/\s+/g, " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
