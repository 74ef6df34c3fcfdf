import { Command, InvalidArgumentError } from "commander";
import { names } from "./choice.ts";
import { type StackOptions, stackOption } from "./stack-option.ts";
import { moment } from "./words.ts";

/** How many lines are shown when nobody says. */
const USUAL = 100;
const INTERRUPTED = 130;

interface Options extends StackOptions {
  readonly follow?: true;
  readonly since?: string;
  readonly lines?: number;
  readonly grep?: string;
  readonly role?: string[];
  readonly host?: string[];
  readonly release?: string;
}

export const command = (): Command =>
  new Command("logs")
    .addOption(stackOption())
    .option("-f, --follow", "go on with new lines, over deploys and lost connections, until Ctrl-C")
    .option("--since <moment>", "lines since then: 10m, 2h, 1d, or RFC 3339", since)
    .option("-n, --lines <count>", `the last lines, all containers together (default: ${USUAL}; with --since all)`, count)
    .option("--grep <text>", "only lines with this text in them")
    .option("--role <names>", "only these roles; several with commas between", names)
    .option("--host <names>", "only these hosts", names)
    .option("--release <id>", "a release or version that is not live (any more), as long as its containers are there")
    .addHelpText("after", "\nLog lines go to stdout, everything else to stderr.")
    .action(logs);

async function logs({ follow, since: from, lines, ...options }: Options): Promise<void> {
  const [stack, { LogRun }] = await Promise.all([
    import("./stack.ts").then(({ readStack }) => readStack(options)),
    import("./logs/run.ts"),
  ]);
  const run = new LogRun(stack, { ...options, since: from, lines: lines ?? (from === undefined ? USUAL : undefined) });
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
