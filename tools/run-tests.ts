/** `npm test`: types, lint, then the tests from fast to slow; ends with one plain line that sums them up. `--only unit` runs one part. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const Report = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

const FAILED: Tally = { passed: 0, failed: 1, skipped: 0 };
const PASSED: Tally = { passed: 1, failed: 0, skipped: 0 };

const root = join(import.meta.dirname, "..");
const env = { ...process.env, PATH: [join(root, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter) };

const parts: Record<string, () => Promise<Tally>> = {
  types: () => check("tsc", ["--noEmit", "--project", root]),
  lint: () => check("biome", ["check", root]),
  unit: () => tests("unit"),
  wire: () => tests("wire"),
  lab: () => tests("lab"),
};

/** One command that passes or fails as a whole. */
const check = async (command: string, args: string[]): Promise<Tally> => ((await run(command, args)) === 0 ? PASSED : FAILED);

/** One vitest project. What counts is its own report: a run that dies before writing it has failed. */
async function tests(project: string): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-tests-"));
  const file = join(folder, "report.json");
  try {
    const code = await run("vitest", [
      "run",
      "--project",
      project,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
    ]);
    return counted(Report.parse(JSON.parse(await readFile(file, "utf8"))), code);
  } catch (failure) {
    console.error(`${project}: no readable report (${failure instanceof Error ? failure.message : failure})`);
    return FAILED;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file that could not be loaded, or a failing setup, has no failed test in the report but is a failure all the same. */
function counted(report: z.infer<typeof Report>, code: number): Tally {
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((one) => one.status === "failed"),
  ).length;
  const failed = report.numFailedTests + broken;
  const unexplained = failed === 0 && (code !== 0 || !report.success || report.numPassedTests === 0);
  return {
    passed: report.numPassedTests,
    failed: unexplained ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Runs a tool of the project with its output as it comes; gives the exit code. */
function run(command: string, args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

const { values } = parseArgs({ options: { only: { type: "string", multiple: true } } });
const chosen = values.only ?? Object.keys(parts);
const total = { passed: 0, failed: 0, skipped: 0 };
for (const name of chosen) {
  const part = parts[name];
  if (part === undefined) throw new Error(`no part ${name}: it is one of ${Object.keys(parts).join(", ")}`);
  console.info(`\n== ${name}`);
  const { passed, failed, skipped } = await part().catch((failure: unknown) => {
    console.error(`${name}: ${failure instanceof Error ? failure.message : failure}`);
    return FAILED;
  });
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

console.info(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
