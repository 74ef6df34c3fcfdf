import type { Command } from "commander";
import { names } from "../stack/choose.ts";
import { appOption, type StackOptions, stackOption } from "../stack/option.ts";
import type { Where } from "./choose.ts";

export interface ActionOptions extends StackOptions, Where {
  readonly yes?: true;
}

/** Options of every command about the app's containers. */
export const withActionOptions = (command: Command): Command =>
  command
    .addOption(stackOption())
    .addOption(appOption())
    .option("--role <names>", "only these roles, separated by commas, or a pattern: 'work*'", names)
    .option("--host <names>", "only these hosts, separated by commas, or a pattern: 'web-*'", names);
