import { Command, Option } from "commander";
import { type StackOptions, stackOption } from "../stack/option.ts";

interface OnOne extends StackOptions {
  readonly host?: string;
}

interface Back extends OnOne {
  readonly at?: string;
  readonly identity?: string;
}

export const command = (): Command =>
  new Command("backup")
    .addCommand(named("run", "make a backup now, as its schedule would").action(run))
    .addCommand(
      named("list", "show what backups there are")
        .option("--json", "the same as JSON (its shape: cli/backup/list.ts)")
        .action(list),
    )
    .addCommand(
      back("restore", "put a backup in the place of what is there, which is kept aside")
        .option("-y, --yes", "without the question")
        .option("--into <name>", "another accessory with a backup, which gets it: of a newer version, on another host")
        .action(restore),
    )
    .addCommand(back("drill", "restore a backup into a container of its own, ask it, and throw it away").action(drill))
    .addHelpText(
      "after",
      "\nA backup that is encrypted is opened on this machine: --identity names the file with the private key.",
    );

const named = (name: string, is: string): Command =>
  new Command(name)
    .description(is)
    .argument("<name>", "the accessory, as the config names it")
    .addOption(stackOption())
    .addOption(new Option("--host <name>", "where, if it is on several hosts"));

const back = (name: string, is: string): Command =>
  named(name, is)
    .option("--at <id>", "which one, as list shows them (default: the newest)")
    .option("--identity <file>", "with the private key of age (age-keygen)");

async function run(name: string, options: OnOne): Promise<void> {
  const [{ at, access }, { runNow }] = await Promise.all([placeOf(name, options), import("./run.ts")]);
  process.exitCode = await runNow(at, access);
}

async function list(name: string, { json, ...options }: OnOne & { json?: true }): Promise<void> {
  const [{ at, access }, { listOf, listText }] = await Promise.all([placeOf(name, options), import("./list.ts")]);
  const found = await listOf(at, access);
  process.stdout.write(`${json ? JSON.stringify(found, undefined, 2) : listText(found, at)}\n`);
}

async function restore(
  name: string,
  { at: id, identity, yes, into, ...options }: Back & { yes?: true; into?: string },
): Promise<void> {
  const [{ at, other, access }, work] = await Promise.all([placeOf(name, options, into), import("./restore.ts")]);
  process.exitCode = await work.restore(at, access, { id, identity, asked: yes !== true, into: other });
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
