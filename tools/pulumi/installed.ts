import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { PulumiHome } from "./home.ts";
import { isAtLeast, PULUMI_VERSION } from "./version.ts";

/** The `pulumi` on PATH, if it is new enough and has its Node language host. */
export async function installedPulumi(): Promise<PulumiHome | undefined> {
  const pulumi = onPath("pulumi");
  if (pulumi === undefined || !hasLanguageHost(dirname(pulumi))) return undefined;
  const version = await versionOf(pulumi).catch(() => "");
  return isAtLeast(version, PULUMI_VERSION) ? { bin: dirname(pulumi), version, source: "path" } : undefined;
}

/** The first executable of that name on PATH. */
export function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The version of that executable, without the `v`. */
export async function versionOf(pulumi: string): Promise<string> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { stdout } = await promisify(execFile)(pulumi, ["version"], { timeout: 20_000, env });
  return stdout.trim().replace(/^v/, "");
}

const hasLanguageHost = (bin: string): boolean =>
  isExecutable(join(bin, "pulumi-language-nodejs")) || onPath("pulumi-language-nodejs") !== undefined;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
