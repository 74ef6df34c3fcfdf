import { type Command, Option } from "commander";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";

/** Options of `kamal deploy` that a habit may add, and what is done here instead. */
export interface KamalOptions {
  readonly version?: string;
  readonly skipPush?: true;
  readonly cache: boolean;
}

export const withKamalOptions = (command: Command): Command =>
  command
    .addOption(new Option("--version <version>").hideHelp())
    .addOption(new Option("-P, --skip-push").hideHelp())
    .addOption(new Option("--no-cache").hideHelp());

export function refuseKamalOptions({ version, skipPush, cache }: KamalOptions): void {
  if (version !== undefined)
    throw refusal(
      "deploy takes no version: it is what the stack's file says, so that a run from another machine does not take it back",
      `slipway pulumi config set slipway:image ghcr.io/acme/shop:${/^[\w.-]+$/.test(version) ? version : "VERSION"} with your image, then slipway deploy; what is built is named after its commit; an earlier one: slipway rollback --to VERSION; that of another stack: slipway promote STACK`,
    );
  if (skipPush)
    throw refusal(
      "deploy builds and pushes only what has changed, so there is nothing to skip",
      "leave -P out; an image that something else builds and pushes is slipway:image with its tag, without slipway:builder",
    );
  if (!cache)
    throw refusal(
      "deploy builds with the cache of buildx, which notices what has changed",
      "leave --no-cache out; docker buildx prune empties the cache",
    );
}

const refusal = (what: string, next: string): SlipwayError =>
  new SlipwayError({ code: "USAGE", what, servesNow: NOTHING_TOUCHED, next });
