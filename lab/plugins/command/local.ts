import { spawn } from "node:child_process";
import { commandKind, Paper, type Runner } from "./command.ts";

const SHELL = ["/bin/sh", "-c"];

/** Runs the command on this machine, with its interpreter. */
export const runLocal: Runner = async (run, { interpreter, dir }) => {
  const [program = "", ...args] = Array.isArray(interpreter) && interpreter.length > 0 ? interpreter.map(String) : SHELL;
  const child = spawn(program, [...args, run.command], {
    env: { ...process.env, ...run.environment },
    ...(typeof dir === "string" ? { cwd: dir } : {}),
  });
  const paper = new Paper(run);
  child.stdout.on("data", paper.writer("stdout"));
  child.stderr.on("data", paper.writer("stderr"));
  // A command that does not read its input closes it early.
  child.stdin.on("error", () => {});
  child.stdin.end(run.stdin);
  const how = await new Promise<string | undefined>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve(code === 0 ? undefined : signal === null ? `exit status ${code}` : `signal: ${signal}`),
    );
  });
  return paper.result(how);
};

/** `command:local:Command` without assets and archives. */
export const localCommand = commandKind(runLocal, { interpreter: {}, dir: {} });
