/** `npm run check`: all checks of the source itself, in parallel. `npm test` runs the same checks before the tests. */
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

/** Each check by its name in `npm test -- --only NAME`: a tool of this project and its arguments. */
export const CHECKS: Readonly<Record<string, readonly [tool: string, ...args: string[]]>> = {
  types: ["tsc", "--noEmit"],
  lint: ["biome", "check"],
  structure: [
    "depcruise",
    "program.ts",
    "core",
    "config",
    "kamal",
    "hosts",
    "registry",
    "builder",
    "project",
    "providers",
    "components",
    "cli",
    "tools",
    "lab",
    "test",
    "examples",
  ],
  house: ["node", "tools/house-rules.ts"],
};

/** The folder of the project, and an environment with its tools first on PATH. */
export const PROJECT = join(import.meta.dirname, "..");
export const TOOLS_FIRST = {
  ...process.env,
  PATH: [join(PROJECT, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter),
};

export interface Checked {
  readonly passed: boolean;
  /** stdout and stderr. */
  readonly output: string;
}

/** Runs one check. Its output is collected, so that the outputs of parallel checks do not mix. */
export function runCheck([tool, ...args]: readonly [string, ...string[]]): Promise<Checked> {
  return new Promise((resolve) => {
    const child = spawn(tool, args, { cwd: PROJECT, env: TOOLS_FIRST, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    child.once("error", ({ message }) => resolve({ passed: false, output: message }));
    child.once("close", (code) => resolve({ passed: code === 0, output }));
  });
}

if (import.meta.main) {
  const failed = await Promise.all(
    Object.entries(CHECKS).map(async ([name, command]) => {
      const { passed, output } = await runCheck(command);
      console.info(`== ${name}: ${passed ? "passed" : "FAILED"}\n${output.trimEnd()}`);
      return passed ? [] : [name];
    }),
  );
  process.exitCode = failed.flat().length > 0 ? 1 : 0;
}
