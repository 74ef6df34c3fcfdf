/**
 * `npm test`: the checks of `npm run check`, then the tests from fast to slow, then one line with the totals. `--only unit` runs one part;
 * `--long` runs the tests with the tag `long` as well (`npm run test:all`).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { CHECKS, PROJECT, runCheck, TOOLS_FIRST } from "./checks.ts";
import { LAB_FILES_VARIABLE, labFilesAtOnce } from "./lab-lanes.ts";

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One text per failure: where it is, and its first lines. */
  readonly failures: readonly string[];
}

const Report = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});
type FileResult = z.infer<typeof Report>["testResults"][number];

/** Of each failure at the end of the run. Its whole text is where it happened. */
const FAILURE_LINES = 30;
const FAILURE_LINE_LENGTH = 500;

const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] };
const PASSED: Tally = { ...NOTHING, passed: 1 };
const failedPart = (name: string, reason: string): Tally => ({ ...NOTHING, failed: 1, failures: [`${name}: ${reason}`] });

/** The projects with long tests. */
const ON_THE_LAB: ReadonlySet<string> = new Set(["lab", "waiting"]);

const parts: Readonly<Record<string, () => Promise<Tally>>> = {
  ...Object.fromEntries(Object.keys(CHECKS).map((name) => [name, () => check(name)])),
  unit: () => tests("unit"),
  wire: () => tests("wire"),
  lab: onTheLab,
};

/** What mostly waits runs beside the rest, where the machine has room for it. */
async function onTheLab(): Promise<Tally> {
  await using lab = await opening;
  if (lab === undefined) return failedPart("lab", "it was not started");
  console.info(lab.output.trimEnd());
  if (lab.code !== 0) return failedPart("lab", `its start ended with exit code ${lab.code}; its output is above`);
  const chosen = { [LAB_FILES_VARIABLE]: String(atOnce) };
  const lane = { ...chosen, SLIPWAY_LANE: String(atOnce) };
  const beside =
    atOnce > 1 ? [tests("lab", chosen), tests("waiting", lane)] : [await tests("lab", chosen), await tests("waiting")];
  return (await Promise.all(beside)).reduce(sum, NOTHING);
}

interface OpenLab extends AsyncDisposable {
  readonly code: number;
  readonly output: string;
}

/** A new machine builds the lab for minutes, most of which it waits for downloads: it begins beside the parts before it. */
async function openLab(): Promise<OpenLab> {
  const { labStatus } = await import("../lab/lab.ts");
  const before = await labStatus();
  const started = await ended(start("node", ["lab/main.ts", "up"], {}, "pipe"));
  return {
    ...started,
    async [Symbol.asyncDispose]() {
      if (before.engine === "stopped") await run("node", ["lab/main.ts", "down"]);
    },
  };
}

const sum = (one: Tally, other: Tally): Tally => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
  failures: [...one.failures, ...other.failures],
});

/** One vitest project, counted by its own report: a run that dies before it writes the report has failed. */
async function tests(project: string, env: NodeJS.ProcessEnv = {}): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-tests-"));
  const file = join(folder, "report.json");
  try {
    const chosen = ON_THE_LAB.has(project) && !values.long ? ["--tags-filter", "!long"] : [];
    const code = await run(
      "vitest",
      ["run", "--project", project, ...chosen, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
      env,
    );
    return counted(project, Report.parse(JSON.parse(await readFile(file, "utf8"))), code);
  } catch (failure) {
    return failedPart(project, `no readable report (${failure instanceof Error ? failure.message : failure})`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file that cannot be loaded, or a failing setup, has no failed test in the report, but is a failure as well. */
function counted(project: string, report: z.infer<typeof Report>, code: number): Tally {
  const failures = report.testResults.flatMap(failuresOf);
  const unexplained = failures.length === 0 && (code !== 0 || !report.success || report.numPassedTests === 0);
  if (unexplained) failures.push(`${project}: vitest ended with exit code ${code}, and its report names no failed test`);
  return {
    passed: report.numPassedTests,
    failed: failures.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

function failuresOf({ name, status, message, assertionResults }: FileResult): string[] {
  const file = relative(PROJECT, name);
  const failed = assertionResults.filter((one) => one.status === "failed");
  if (failed.length === 0) return status === "failed" ? [`${file}\n${firstLines(message)}`] : [];
  return failed.map((one) => `${file} > ${one.fullName}\n${firstLines((one.failureMessages ?? []).join("\n"))}`);
}

const firstLines = (text: string): string =>
  text
    .split("\n")
    .slice(0, FAILURE_LINES)
    .map((line) => `    ${line.slice(0, FAILURE_LINE_LENGTH)}`)
    .join("\n");

/** Runs a tool of the project with its output on this terminal; returns the exit code. */
const run = async (command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<number> =>
  (await ended(start(command, args, env, "inherit"))).code;

const start = (command: string, args: string[], env: NodeJS.ProcessEnv, output: "inherit" | "pipe"): ChildProcess =>
  spawn(command, args, { cwd: PROJECT, env: { ...TOOLS_FIRST, ...env }, stdio: ["inherit", output, output] });

/** @returns with what it printed, unless that went to this terminal */
function ended(child: ChildProcess): Promise<{ readonly code: number; readonly output: string }> {
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(output).toString() }));
  });
}

const { values } = parseArgs({ options: { only: { type: "string", multiple: true }, long: { type: "boolean" } } });
const chosen = values.only ?? Object.keys(parts);
const unknown = chosen.find((name) => !(name in parts));
if (unknown !== undefined) throw new Error(`no part ${unknown}; parts: ${Object.keys(parts).join(", ")}`);
/** Measured before anything else runs. */
const atOnce = labFilesAtOnce();
/** All chosen checks run at once: `tsc` takes as long as the others together, and only one core. */
const checked = new Map(chosen.flatMap((name) => (CHECKS[name] === undefined ? [] : [[name, runCheck(CHECKS[name])] as const])));
const opening = chosen.includes("lab") ? openLab() : undefined;
// The part that needs it reports the failure.
opening?.catch(() => {});

async function check(name: string): Promise<Tally> {
  const { passed, output } = (await checked.get(name)) ?? { passed: false, output: "" };
  console.info(output.trimEnd());
  return passed ? PASSED : failedPart(name, "its output is above");
}

let total = NOTHING;
for (const name of chosen) {
  const part = parts[name];
  if (part === undefined) continue;
  console.info(`\n== ${name}`);
  const tally = await part().catch((failure: unknown) =>
    failedPart(name, failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)),
  );
  total = sum(total, tally);
}

// Here as well, since a log of this length is often read, or kept, from its end alone.
for (const failure of total.failures) console.error(`\nFAILED ${failure}`);

const notRun = values.long ? "skipped" : "left to npm run test:all";
console.info(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} ${notRun}` : ""}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
