/** `npm test`: the checks of `npm run check`, then the tests from fast to slow, then one line with the totals. `--only unit` runs one part. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { CHECKS, PROJECT, runCheck, TOOLS_FIRST } from "./checks.ts";

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

const parts: Readonly<Record<string, () => Promise<Tally>>> = {
  ...Object.fromEntries(Object.keys(CHECKS).map((name) => [name, () => check(name)])),
  unit: () => tests("unit"),
  wire: () => tests("wire"),
  lab: () => tests("lab"),
};

/** One vitest project, counted by its own report: a run that dies before it writes the report has failed. */
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

/** A file that cannot be loaded, or a failing setup, has no failed test in the report, but is a failure as well. */
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

/** Runs a tool of the project with its output on this terminal; returns the exit code. */
function run(command: string, args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: PROJECT, env: TOOLS_FIRST, stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

const { values } = parseArgs({ options: { only: { type: "string", multiple: true } } });
const chosen = values.only ?? Object.keys(parts);
const unknown = chosen.find((name) => !(name in parts));
if (unknown !== undefined) throw new Error(`no part ${unknown}; parts: ${Object.keys(parts).join(", ")}`);
/** All chosen checks run at once: `tsc` takes as long as the others together, and only one core. */
const checked = new Map(chosen.flatMap((name) => (CHECKS[name] === undefined ? [] : [[name, runCheck(CHECKS[name])] as const])));

async function check(name: string): Promise<Tally> {
  const { passed, output } = (await checked.get(name)) ?? { passed: false, output: "" };
  console.info(output.trimEnd());
  return passed ? PASSED : FAILED;
}

const total = { passed: 0, failed: 0, skipped: 0 };
for (const name of chosen) {
  const part = parts[name];
  if (part === undefined) continue;
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
