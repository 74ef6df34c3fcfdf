import { Command, InvalidArgumentError } from "commander";
import type { Seconds } from "../../core/words.ts";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { print, printJson } from "../terminal/print.ts";
import { type Asked, asking, release } from "./release.ts";
import { parseSpan } from "./span.ts";

interface Options extends StackOptions {
  readonly message?: string;
  readonly wait: Seconds;
  readonly for?: Seconds;
  readonly json?: true;
}

const DEFAULT_WAIT: Seconds = 600;

const HELP = `
Without --for, all other runs wait until Ctrl-C and show who holds the lock. It ends with this process, so it cannot be left behind.
With --for, the apps of the stack are frozen on their hosts: deploys, rollbacks and all that changes these hosts for them are refused, and say
who has frozen them, until when and why. It outlives this terminal and a reboot of the hosts, and ends by itself, or by slipway unlock. Reading,
exec and other apps on the same hosts go on.`;

export const command = (): Command =>
  new Command("lock")
    .addOption(stackOption())
    .addOption(appOption())
    .option("--for <time>", "freeze the apps for a time: 12h, 90m, 1d12h", parseSpan)
    .option("-m, --message <text>", "the reason, shown to those who wait or are refused")
    .option("--wait <seconds>", "how long to wait for another run that is changing a host", seconds, DEFAULT_WAIT)
    .option("--json", "with --for: print JSON (its shape: cli/lock/report.ts)")
    .addCommand(asking("status", "show what is frozen, and who is changing a host now").action(status))
    .addCommand(asking("release", "end a freeze, as slipway unlock does").action(release))
    .addHelpText("after", HELP)
    .action(lock);

function seconds(text: string): Seconds {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError("It must be a number of seconds.");
  return value;
}

async function lock({ message, wait, for: span, json, ...options }: Options): Promise<void> {
  const { readApps } = await import("../stack/read-stack.ts");
  const apps = await readApps(options);
  if (span === undefined) return (await import("./session.ts")).lockUntilInterrupted(apps, { message, wait });
  const [{ freezeAll }, { freezeLines, reportOf }] = await Promise.all([import("./freeze.ts"), import("./report.ts")]);
  const hosts = await freezeAll(apps, { seconds: span, why: message ?? "", wait });
  const next = "slipway unlock ends it; a change that cannot wait needs --despite-freeze";
  if (json) printJson(reportOf(apps, hosts));
  else print(`${[...freezeLines(hosts), next].join("\n")}\n`);
}

async function status({ json, ...options }: Asked): Promise<void> {
  const { readApps } = await import("../stack/read-stack.ts");
  const apps = await readApps(options);
  const [{ lockStatus }, { freezeLines, reportOf }] = await Promise.all([import("./freeze.ts"), import("./report.ts")]);
  const hosts = await lockStatus(apps);
  if (json) printJson(reportOf(apps, hosts));
  else print(`${freezeLines(hosts).join("\n")}\n`);
}
