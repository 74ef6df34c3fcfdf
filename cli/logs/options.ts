import { type Command, InvalidArgumentError } from "commander";
import type { Access } from "../../hosts/index.ts";
import { moment } from "../terminal/format.ts";
import type { LogSource } from "./source.ts";

const DEFAULT_LINES = 100;
const INTERRUPTED = 130;

/** Options of every command that shows logs. */
export interface LogFlags {
  readonly follow?: true;
  readonly since?: string;
  readonly lines?: number;
  readonly grep?: string;
}

/** @param all whose lines are counted: `of all containers together` */
export const withLogOptions = (command: Command, all: string): Command =>
  command
    .option("-f, --follow", "keep showing new lines until Ctrl-C, across deploys and lost connections")
    .option("--since <moment>", "lines since then: 10m, 2h, 1d, or an RFC 3339 time", since)
    .option("-n, --lines <count>", `the last lines ${all} (default: ${DEFAULT_LINES}; with --since all)`, count)
    .option("--grep <text>", "only lines that contain this text")
    .addHelpText("after", "\nLog lines go to stdout, everything else to stderr.");

/** Shows the lines and sets the exit code of the process. */
export async function showLogs(source: LogSource, access: Access, { follow, since: from, lines, grep }: LogFlags): Promise<void> {
  const { LogRun } = await import("./run.ts");
  const wanted = {
    since: from,
    lines: lines ?? (from === undefined ? DEFAULT_LINES : undefined),
    ...(grep !== undefined && { grep }),
  };
  const run = new LogRun(source, access, wanted);
  const interrupt = () => run.stop();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const ended = follow === true ? await run.follow() : await run.read();
  process.exitCode = { complete: 0, incomplete: 1, stopped: INTERRUPTED, "no reader": 0 }[ended];
}

function since(text: string): string {
  const at = moment(text, new Date());
  if (at === undefined) throw new InvalidArgumentError("Write it as 30s, 10m, 2h, 1d, or 2026-01-31T12:00:00Z.");
  return at;
}

function count(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError("It must be a number of lines.");
  return Number(text);
}
