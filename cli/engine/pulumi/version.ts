import { join } from "node:path";
import { cacheFolder } from "../../../core/cache-folder.ts";

/**
 * The Pulumi CLI that Slipway is built and tested with: the same as `@pulumi/pulumi` in package.json and the module in
 * tools/pulumi/cli/go.mod.
 */
export const PULUMI_VERSION = "3.259.0";

/** What is kept of this version between runs, outside of any project. */
export const versionFolder = (): string => join(cacheFolder(), "pulumi", PULUMI_VERSION);
