import { Option } from "commander";

export interface StackOptions {
  /** Its name in Pulumi; the selected stack by default. */
  readonly stack?: string;
  /** The app, for a program that declares several. */
  readonly app?: string;
}

/** For commands that read what an app is. */
export const appOption = (): Option => new Option("--app <name>", "the app, if the program declares several");

export const stackOption = (): Option => new Option("-s, --stack <name>", "the Pulumi stack (default: the selected one)");
