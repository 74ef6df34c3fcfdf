import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { Verdict } from "./cell.ts";
import { faultNamed } from "./fault.ts";
import { HOSTS } from "./fleet.ts";
import { nameOf, Point } from "./point.ts";
import { scenarioNamed } from "./scenario.ts";
import { hostsOf, type Shard } from "./shard.ts";
import type { Result } from "./table.ts";

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
          z.object({ how: z.literal("done") }),
          z.object({ how: z.literal("killed") }),
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

/** What the shards of one run, or several runs of other scenarios, found together. A cell that none has, or two have, is an error. */
export async function mergeShards(files: readonly string[]): Promise<Result[]> {
  const read = await Promise.all(files.map(async (file) => Written.parse(JSON.parse(await readFile(file, "utf8")))));
  const byScenario = Map.groupBy(read.flat(), ({ scenario }) => scenario);
  return [...byScenario].flatMap(([name, shards]) => {
    const [first] = shards;
    if (first === undefined) return [];
    const verdicts = shards.flatMap((shard) => shard.verdicts.map(verdictOf));
    const kinds = new Set(verdicts.map(({ cell }) => `${cell.fault.name} ${nameOf(cell.point)}`));
    const { points, cells, versions } = first;
    if (shards.some((shard) => shard.cells !== cells) || verdicts.length !== cells || kinds.size !== cells)
      throw new Error(
        `${name}: ${verdicts.length} verdicts on ${kinds.size} cells, of ${shards.map((one) => one.cells).join(" and ")}`,
      );
    return [{ scenario: scenarioNamed(name), points, cells, verdicts, versions }];
  });
}

function verdictOf({ point, fault, ending, ...rest }: z.infer<typeof Written>[number]["verdicts"][number]): Verdict {
  const known =
    "text" in ending
      ? ending
      : ending.how === "done"
        ? { how: ending.how, state: undefined, changed: true }
        : { how: ending.how };
  return { ...rest, cell: { point, fault: faultNamed(fault) }, ending: known };
}
