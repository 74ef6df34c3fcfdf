import { type Command, InvalidArgumentError } from "commander";
import type { Access } from "../../hosts/index.ts";
import { moment } from "../terminal/format.ts";
import { type GrepFlags, grepOf, grepOptions, pattern } from "./grep.ts";
import type { LogSource } from "./source.ts";

const DEFAULT_LINES = 100;
const INTERRUPTED = 130;

/** Options of every command that shows logs. */
export interface LogFlags extends GrepFlags {
  readonly follow?: true;
  readonly since?: string;
  readonly lines?: number;
  readonly timestamps?: true;
}

/** @param all whose lines are counted: `of all containers together` */
export const withLogOptions = (command: Command, all: string): Command =>
  command
    .option("-f, --follow", "keep showing new lines until Ctrl-C, across deploys and lost connections")
    .option("--since <moment>", "lines since then: 10m, 2h, 1d, or an RFC 3339 time", since)
    .option("-n, --lines <count>", `the last lines ${all} (default: ${DEFAULT_LINES}; with --since all)`, count)
    .option("-T, --timestamps", "put the time before each line, in UTC by the host's clock")
    .option("-g, --grep <pattern>", "only lines that match this regular expression", pattern)
    .option("--ignore-case", "with --grep: upper and lower case are the same")
    .option("--invert", "with --grep: only lines that do not match")
    .option("--context <count>", "with --grep: so many lines of the same container before and after each", count)
    .option("--grep-options <flags>", "the same in the words of grep: -i, -v, -A, -B and -C", grepOptions)
    .addHelpText("after", "\nLog lines go to stdout, everything else to stderr.");

/** Shows the lines and sets the exit code of the process. */
export async function showLogs(
  source: LogSource,
  access: Access,
  { follow, since: from, lines, timestamps, ...flags }: LogFlags,
): Promise<void> {
  const grep = grepOf(flags);
  const { LogRun } = await import("./run.ts");
  const wanted = {
    since: from,
    lines: lines ?? (from === undefined ? DEFAULT_LINES : undefined),
    ...(grep !== undefined && { grep }),
    ...(timestamps && { times: "with times" as const }),
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
