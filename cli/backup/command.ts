import { Command, Option } from "commander";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { print, printJson } from "../terminal/print.ts";

interface OnOne extends StackOptions {
  readonly host?: string;
}

interface Back extends OnOne {
  readonly at?: string;
  readonly identity?: string;
}

export const command = (): Command =>
  new Command("backup")
    .addCommand(named("run", "make a backup now").action(run))
    .addCommand(named("list", "list backups").option("--json", "print JSON (its shape: cli/backup/list.ts)").action(list))
    .addCommand(
      back("restore", "replace the data with a backup; the old data is kept")
        .option("-y, --yes", "skip the confirmation")
        .option("--into <name>", "restore into another accessory, for example of a newer version or on another host")
        .action(restore),
    )
    .addCommand(back("drill", "test a backup: restore it into a temporary container and query it").action(drill))
    .addHelpText("after", "\nEncrypted backups are decrypted on this machine: --identity names the file with the private key.");

const named = (name: string, is: string): Command =>
  new Command(name)
    .description(is)
    .argument("<name>", "the accessory, by its name in the config or that of its container")
    .addOption(stackOption())
    .addOption(appOption())
    .addOption(new Option("--host <name>", "the host, if the accessory runs on several"));

const back = (name: string, is: string): Command =>
  named(name, is)
    .option("--at <id>", "its id, as shown by list (default: the newest)")
    .option("--identity <file>", "the file with the private age key (age-keygen)");

async function run(name: string, options: OnOne): Promise<void> {
  const [{ at, access }, { runNow }] = await Promise.all([placeOf(name, options), import("./run.ts")]);
  process.exitCode = await runNow(at, access);
}

async function list(name: string, { json, ...options }: OnOne & { json?: true }): Promise<void> {
  const [{ at, access }, { listOf, listText }] = await Promise.all([placeOf(name, options), import("./list.ts")]);
  const found = await listOf(at, access);
  if (json) printJson(found);
  else print(`${listText(found, at)}\n`);
}

async function restore(
  name: string,
  { at: id, identity, yes, into, ...options }: Back & { yes?: true; into?: string },
): Promise<void> {
  const [{ at, other, access }, work, { hostsAt }] = await Promise.all([
    placeOf(name, options, into),
    import("./restore.ts"),
    import("../stack/access.ts"),
  ]);
  await using hosts = hostsAt(access);
  process.exitCode = await work.restore(at, hosts, { id, identity, asked: yes !== true, into: other });
}

async function drill(name: string, { at: id, identity, ...options }: Back): Promise<void> {
  const [{ at, access }, work] = await Promise.all([placeOf(name, options), import("./drill.ts")]);
  process.exitCode = await work.drill(at, access, { id, identity });
}

/** @param into another accessory, by its name alone */
async function placeOf(name: string, { host, ...options }: OnOne, into?: string) {
  const { readSchedules, chooseBackup } = await import("./declared-backup.ts");
  const { schedules, access } = await readSchedules(options);
  const other = into === undefined ? undefined : chooseBackup(schedules, into, undefined);
  return { at: chooseBackup(schedules, name, host), other, access };
}
