import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { Verdict } from "./cell.ts";
import { faultNamed } from "./fault.ts";
import { HOSTS } from "./fleet.ts";
import { nameOf, Point } from "./point.ts";
import { scenarioNamed } from "./scenario.ts";
import type { Result } from "./table.ts";

/** One of several runs that share the cells between them, each on hosts of its own. */
export interface Shard {
  readonly nth: number;
  readonly of: number;
}

/** @example parseShard("1/2") */
export function parseShard(text: string): Shard {
  const [nth = 0, of = 0] = text.split("/").map(Number);
  if (!(nth >= 1 && nth <= of && Number.isInteger(nth) && Number.isInteger(of))) throw new Error(`no shard ${text}: write 1/2`);
  return { nth, of };
}

/** The lab hosts of a shard: `fr-1` …, `fs-1` …, `ft-1` … */
export const hostsOf = ({ nth }: Shard): string[] => {
  const letter = String.fromCharCode("r".charCodeAt(0) + nth - 1);
  return HOSTS.map((name) => name.replace("fr", `f${letter}`));
};

/** Its part of the cells, which all shards have in the same order. Neighbours cost the same, so all get equal work. */
export const partOf = <T>(cells: readonly T[], { nth, of }: Shard): T[] => cells.filter((_cell, at) => at % of === nth - 1);

const Written = z.array(
  z.object({
    scenario: z.string(),
    points: z.array(Point),
    cells: z.number(),
    versions: z.record(z.string(), z.string()),
    verdicts: z.array(
      z.object({
        point: Point,
        fault: z.string(),
        ending: z.discriminatedUnion("how", [
          z.object({ how: z.enum(["done", "killed"]) }),
          z.object({ how: z.enum(["refused", "broken"]), text: z.string() }),
        ]),
        problems: z.array(z.string()),
        requests: z.number(),
        lost: z.number(),
        out: z.number(),
        seconds: z.number(),
      }),
    ),
  }),
);

/** For `mergeShards`. The hosts get the names that they have on the page. */
export async function writeShard(file: string, results: readonly Result[], shard: Shard): Promise<void> {
  const written = results.map(({ scenario, points, cells, versions, verdicts }) => ({
    scenario: scenario.name,
    points,
    cells,
    versions,
    verdicts: verdicts.map(({ cell: { point, fault }, ending, ...rest }) => {
      const end = "text" in ending ? { how: ending.how, text: ending.text } : { how: ending.how };
      return { ...rest, point, fault: fault.name, ending: end };
    }),
  }));
  const text = JSON.stringify(written);
  const named = hostsOf(shard).reduce((all, name, at) => all.replaceAll(name, HOSTS[at] ?? name), text);
  await writeFile(file, named);
}

/** What the shards of one run found together. A cell that none has, or two have, is an error. */
export async function mergeShards(files: readonly string[]): Promise<Result[]> {
  const shards = await Promise.all(files.map(async (file) => Written.parse(JSON.parse(await readFile(file, "utf8")))));
  const [first = []] = shards;
  return first.map(({ scenario, points, cells, versions }) => {
    const all = shards.flatMap((shard) => shard.filter((result) => result.scenario === scenario));
    const verdicts = all.flatMap((result) =>
      result.verdicts.map(
        ({ point, fault, ...rest }): Verdict => ({
          ...rest,
          cell: { point, fault: faultNamed(fault) },
          ending:
            "text" in rest.ending
              ? rest.ending
              : rest.ending.how === "done"
                ? { how: "done", state: undefined }
                : { how: "killed" },
        }),
      ),
    );
    const kinds = new Set(verdicts.map(({ cell }) => `${cell.fault.name} ${nameOf(cell.point)}`));
    if (all.some((result) => result.cells !== cells) || verdicts.length !== cells || kinds.size !== cells)
      throw new Error(
        `${scenario}: ${verdicts.length} verdicts on ${kinds.size} cells, of ${all.map((one) => one.cells).join(" and ")}`,
      );
    return { scenario: scenarioNamed(scenario), points, cells, verdicts, versions };
  });
}
