import { Option } from "commander";

export interface StackOptions {
  /** Its name in Pulumi; the selected stack by default. */
  readonly stack?: string;
}

export const stackOption = (): Option => new Option("-s, --stack <name>", "the Pulumi stack (default: the selected one)");
