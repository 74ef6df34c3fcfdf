import { Command } from "commander";
import { names } from "../stack/choose.ts";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import { type LogFlags, showLogs, withLogOptions } from "./options.ts";

interface Options extends StackOptions, LogFlags {
  readonly role?: string[];
  readonly host?: string[];
  readonly release?: string;
}

export const command = (): Command =>
  withLogOptions(new Command("logs").addOption(stackOption()).addOption(appOption()), "of all containers together")
    .option("--role <names>", "only these roles, separated by commas", names)
    .option("--host <names>", "only these hosts, separated by commas", names)
    .option("--release <id>", "a release or version that is not live, as long as its containers exist")
    .action(logs);

async function logs(options: Options): Promise<void> {
  const [{ inputs, access }, { releaseLogs }] = await Promise.all([
    import("../stack/read-stack.ts").then(({ readStack }) => readStack(options)),
    import("./release-source.ts"),
    // Loaded while Pulumi works.
    import("./run.ts"),
  ]);
  await showLogs(releaseLogs(inputs, options), access, options);
}
