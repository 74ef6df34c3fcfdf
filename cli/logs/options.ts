import { type Command, InvalidArgumentError } from "commander";
import type { Access } from "../../hosts/index.ts";
import { moment } from "../terminal/format.ts";
import type { LogSource } from "./source.ts";

/** How many lines are shown when nobody says. */
const USUAL = 100;
const INTERRUPTED = 130;

/** What every command that shows lines takes. */
export interface LogFlags {
  readonly follow?: true;
  readonly since?: string;
  readonly lines?: number;
  readonly grep?: string;
}

/** @param all whose lines those are: `all containers together` */
export const withLogOptions = (command: Command, all: string): Command =>
  command
    .option("-f, --follow", "go on with new lines, over deploys and lost connections, until Ctrl-C")
    .option("--since <moment>", "lines since then: 10m, 2h, 1d, or RFC 3339", since)
    .option("-n, --lines <count>", `the last lines, ${all} (default: ${USUAL}; with --since all)`, count)
    .option("--grep <text>", "only lines with this text in them")
    .addHelpText("after", "\nLog lines go to stdout, everything else to stderr.");

/** Shows the lines; the process ends with what it came to. */
export async function showLogs(source: LogSource, access: Access, { follow, since: from, lines, grep }: LogFlags): Promise<void> {
  const { LogRun } = await import("./run.ts");
  const wanted = { since: from, lines: lines ?? (from === undefined ? USUAL : undefined), ...(grep !== undefined && { grep }) };
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
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError("It is a number of lines.");
  return Number(text);
}
