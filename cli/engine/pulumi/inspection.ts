import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { isOlder } from "../../../core/version.ts";
import type { Seconds } from "../../../core/words.ts";
import { type FoundPulumi, isExecutable, onPath } from "./found.ts";
import { PULUMI_VERSION } from "./version.ts";

const ANSWER_WITHIN: Seconds = 20;
const LANGUAGE_HOST = "pulumi-language-nodejs";

/** What a Pulumi says of itself. */
export interface Inspection {
  /** Without the `v`: `3.259.0`. */
  readonly version: string;
  /** What may keep it from running a program with this version of Slipway, in words. */
  readonly doubts: readonly string[];
}

/** Runs a Pulumi once, for its version. Rejects if it does not run. */
export async function inspect({ bin }: Pick<FoundPulumi, "bin">): Promise<Inspection> {
  const version = await versionOf(join(bin, "pulumi"));
  const tested = `${PULUMI_VERSION}, with which this version of Slipway is tested`;
  return {
    version,
    doubts: [
      ...(isOlder(version, PULUMI_VERSION) ? [`it is older than ${tested}`] : []),
      ...(hasLanguageHost(bin) ? [] : [`${LANGUAGE_HOST} is neither beside it nor on PATH`]),
    ],
  };
}

/** Rejects unless that executable runs and is exactly the version that Slipway is tested with. */
export async function mustRun(pulumi: string): Promise<void> {
  const version = await versionOf(pulumi);
  if (version !== PULUMI_VERSION) throw new Error(`${pulumi} has version ${version}, expected ${PULUMI_VERSION}`);
}

async function versionOf(pulumi: string): Promise<string> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { stdout } = await promisify(execFile)(pulumi, ["version"], { timeout: ANSWER_WITHIN * 1000, env });
  return stdout.trim().replace(/^v/, "");
}

/** Pulumi looks for it beside the real path of its executable, and on PATH. */
const hasLanguageHost = (bin: string): boolean =>
  [bin, dirname(realpathSync(join(bin, "pulumi")))].some((folder) => isExecutable(join(folder, LANGUAGE_HOST))) ||
  onPath(LANGUAGE_HOST) !== undefined;
