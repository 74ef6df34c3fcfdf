import { Command } from "commander";
import { print, printJson } from "../terminal/print.ts";

interface Options {
  readonly destination?: string;
  readonly config: string;
  readonly out: string;
  readonly json?: true;
}

const HELP = `
Run it in the app's folder. It reads Kamal's config as Kamal does, with ERB and destinations, .kamal/secrets and hooks, and writes a project
with a stack for each destination. It overwrites no file, contacts no host and runs no command of these files but git.
Exit code: 0 the project was written, also if a value needs you; 2 nothing was written.`;

export const command = (): Command =>
  new Command("import")
    .option("-d, --destination <name>", "only this destination of Kamal (default: a stack for each)")
    .option("-c, --config <file>", "Kamal's file", "config/deploy.yml")
    .option("-o, --out <folder>", "the new project", "deploy")
    .option("--json", "print JSON (its shape: cli/import/report.ts)")
    .addHelpText("after", HELP)
    .action(importFiles);

async function importFiles({ destination, config, out, json }: Options): Promise<void> {
  const [{ importKamal }, { screenOf }] = await Promise.all([import("./run.ts"), import("./screen.ts")]);
  const report = importKamal({ folder: process.cwd(), config, destination, out });
  if (json) printJson(report);
  else print(screenOf(report));
}
