import { Option } from "commander";

export interface StackOptions {
  /** As Pulumi names it; without one, the selected stack. */
  readonly stack?: string;
}

export const stackOption = (): Option =>
  new Option("-s, --stack <name>", "the stack, as Pulumi names it (default: the selected one)");
