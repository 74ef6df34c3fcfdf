import { Command } from "commander";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { print, printJson } from "../terminal/print.ts";

export interface Asked extends StackOptions {
  readonly json?: true;
}

/** A command about the freezes of a stack. */
export const asking = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .addOption(stackOption())
    .addOption(appOption())
    .option("--json", "print JSON (its shape: cli/lock/report.ts)");

/** Ends the freezes, and prints what they were. */
export async function release({ json, ...options }: Asked): Promise<void> {
  const { readApps } = await import("../stack/read-stack.ts");
  const apps = await readApps(options);
  const [{ thawAll }, { reportOf, thawedLines }] = await Promise.all([import("./freeze.ts"), import("./report.ts")]);
  const hosts = await thawAll(apps);
  if (json) printJson(reportOf(apps, hosts));
  else print(`${thawedLines(hosts).join("\n")}\n`);
}
