import { existsSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../core/error.ts";
import { assembleBin, binFingerprint, buildPulumi } from "./build.ts";
import { cached, cacheFolder } from "./cache.ts";
import { downloadPulumi, NotReachable } from "./download.ts";
import type { PulumiHome } from "./home.ts";
import { installedPulumi, versionOf } from "./installed.ts";
import { note } from "./note.ts";
import { PULUMI_VERSION } from "./version.ts";

export { forCommand, pulumiEnvironment } from "./environment.ts";
export type { PulumiHome } from "./home.ts";
export { PULUMI_VERSION } from "./version.ts";

/**
 * A Pulumi CLI that can run this project: the one on PATH if it is new enough, else the official download, else a build from its
 * Go module. The last two are cached outside the checkout, so the next call is instant.
 *
 * @example
 * const pulumi = await ensurePulumi();
 * spawn("pulumi", ["preview"], { env: pulumiEnvironment({ pulumi, … }) });
 */
export async function ensurePulumi(): Promise<PulumiHome> {
  return (await installedPulumi()) ?? (await downloaded()) ?? (await built());
}

const versionFolder = (): string => join(cacheFolder(), "pulumi", PULUMI_VERSION);

async function downloaded(): Promise<PulumiHome | undefined> {
  const folder = join(versionFolder(), "download");
  if (!existsSync(folder) && existsSync(builtFolder())) return undefined;
  try {
    await cached(folder, async (draft) => {
      await downloadPulumi(draft);
      await mustRun(join(draft, "bin", "pulumi"));
    });
    return { bin: join(folder, "bin"), version: PULUMI_VERSION, source: "download" };
  } catch (failure) {
    const why = failure instanceof NotReachable ? "cannot be downloaded" : "download was refused";
    note(`Pulumi ${PULUMI_VERSION} ${why}: ${messageOf(failure)}`);
    return undefined;
  }
}

const builtFolder = (): string => join(versionFolder(), "built");

async function built(): Promise<PulumiHome> {
  const cli = await cached(builtFolder(), async (draft) => {
    await buildPulumi(draft);
    await mustRun(join(draft, "pulumi"));
  });
  const bin = await cached(join(versionFolder(), `bin-${await binFingerprint()}`), (draft) => assembleBin(draft, cli));
  return { bin, version: PULUMI_VERSION, source: "built" };
}

async function mustRun(pulumi: string): Promise<void> {
  const version = await versionOf(pulumi);
  if (version !== PULUMI_VERSION) throw new Error(`${pulumi} has version ${version}, expected ${PULUMI_VERSION}`);
}
