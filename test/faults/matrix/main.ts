/**
 * `npm run test:faults`: every point × every fault of every scenario, by two shards side by side; docs/faults.md is written.
 * `--scenario plain` does this for some scenarios and leaves what the page says of the others; without `--write` it only prints.
 * `--only kill`, `--point "start container"`, `--sample 2 --seed 7` run a part of the cells, print what came of it and write nothing.
 * `--shard 1/2 --out FILE` runs one shard of it alone, `--merge FILE FILE` writes the page.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Cell } from "./cell.ts";
import { faultNamed } from "./fault.ts";
import { cellsOf, discover, sample } from "./matrix.ts";
import { page, renewed } from "./page.ts";
import { nameOf, type Point } from "./point.ts";
import { mergeShards, writeShard } from "./result-file.ts";
import { runCells } from "./rig.ts";
import { SCENARIOS, type Scenario, scenarioNamed } from "./scenario.ts";
import { parseShard, partOf, type Shard } from "./shard.ts";
import { cellText, type Result } from "./table.ts";
import { versionsOf } from "./versions.ts";

const PAGE = join(import.meta.dirname, "..", "..", "..", "docs", "faults.md");
const SHARDS = 2;

const { values, positionals } = parseArgs({
  options: {
    scenario: { type: "string", multiple: true },
    only: { type: "string", multiple: true },
    point: { type: "string" },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    shard: { type: "string" },
    out: { type: "string" },
    merge: { type: "boolean" },
    write: { type: "boolean" },
  },
  allowPositionals: true,
});
const isPart = (["only", "point", "sample"] as const).some((name) => values[name] !== undefined);
const isPrinted = isPart || (values.scenario !== undefined && values.write !== true);
const started = performance.now();

if (values.merge) await write(await mergeShards(positionals));
else if (isPrinted || values.shard !== undefined) await runHere(parseShard(values.shard ?? "1/1"));
else await runShards();

async function runHere(shard: Shard): Promise<void> {
  const results: Result[] = [];
  for (const scenario of values.scenario?.map(scenarioNamed) ?? SCENARIOS) {
    results.push(await run(scenario, shard));
    // What is known is on disk whatever becomes of the rest.
    if (values.out !== undefined) await writeShard(values.out, results, shard);
  }
  if (values.out === undefined) console.info(page(results, values.sample === undefined ? undefined : Number(values.seed)));
  conclude(results);
}

/** Each in a process of its own: Pulumi's mocks and the cores are one for all in a process. */
async function runShards(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-faults-"));
  try {
    const files = Array.from({ length: SHARDS }, (_, at) => join(folder, `${at + 1}.json`));
    await Promise.all(
      files.map(async (file, at) => {
        const scenarios = (values.scenario ?? []).flatMap((name) => ["--scenario", name]);
        const argv = [import.meta.filename, "--shard", `${at + 1}/${SHARDS}`, "--out", file, ...scenarios];
        await once(spawn(process.execPath, argv, { stdio: "inherit" }), "exit");
      }),
    );
    await write(await mergeShards(files));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(results: readonly Result[]): Promise<void> {
  await writeFile(PAGE, renewed(await readFile(PAGE, "utf8"), results));
  conclude(results);
}

function conclude(results: readonly Result[]): void {
  const verdicts = results.flatMap((result) => result.verdicts);
  const failed = verdicts.filter(({ problems }) => problems.length > 0);
  console.info(`${verdicts.length - failed.length} passed, ${failed.length} failed in ${elapsed()}`);
  process.exitCode = failed.length > 0 || verdicts.length === 0 ? 1 : 0;
}

async function run(scenario: Scenario, shard: Shard): Promise<Result> {
  await using stage = await scenario.open(shard);
  const points = await discover(stage);
  const all = choose(scenario, points);
  const cells = partOf(all, shard);
  const title = shard.of === 1 ? scenario.name : `${scenario.name} ${shard.nth}/${shard.of}`;
  console.info(`${title}: ${points.length} points, ${cells.length} of ${all.length} cells, after ${elapsed()}`);
  let count = 0;
  const verdicts = await runCells(stage, cells, (verdict) => {
    count += 1;
    console.info(`${title}: ${count}/${cells.length} ${elapsed()}  ${cellText(verdict)}`);
  });
  return { scenario, points, cells: all.length, verdicts, versions: await versionsOf(stage) };
}

/** In an order that does not depend on which host was faster. */
function choose(scenario: Scenario, points: readonly Point[]): Cell[] {
  const faults = (values.only ?? scenario.faults).map(faultNamed);
  const here = points
    .filter((point) => nameOf(point).includes(values.point ?? ""))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return values.sample === undefined ? cellsOf(here, faults) : sample(here, faults, Number(values.seed), Number(values.sample));
}

function elapsed(): string {
  return `${((performance.now() - started) / 1000).toFixed(0)} s`;
}
