import { existsSync } from "node:fs";
import { join } from "node:path";
import { cached } from "../../cli/engine/pulumi/cache.ts";
import { NotReachable, OFFICIAL } from "../../cli/engine/pulumi/download.ts";
import { fetchPulumi } from "../../cli/engine/pulumi/fetch.ts";
import { allPulumis, downloadFolder } from "../../cli/engine/pulumi/found.ts";
import { inspect, mustRun } from "../../cli/engine/pulumi/inspection.ts";
import { PULUMI_VERSION, versionFolder } from "../../cli/engine/pulumi/version.ts";
import { notice } from "../../cli/terminal/failure.ts";
import { messageOf } from "../../core/error.ts";
import { assembleBin, binFingerprint, buildPulumi } from "./build.ts";
import type { PulumiHome } from "./home.ts";

export { PULUMI_VERSION } from "../../cli/engine/pulumi/version.ts";
export { forCommand, pulumiEnvironment } from "./environment.ts";
export type { PulumiHome } from "./home.ts";

/** Short: a machine without a way to the site builds instead. */
const SITE = { ...OFFICIAL, answerWithin: 4 };

/**
 * A Pulumi CLI that can run this project: one that is installed, if it is new enough and has its language host, else the official
 * download, else a build from its Go module. The last two are cached outside the checkout, so the next call is instant.
 *
 * @example
 * const pulumi = await ensurePulumi();
 * spawn("pulumi", ["preview"], { env: pulumiEnvironment({ pulumi, … }) });
 */
export async function ensurePulumi(): Promise<PulumiHome> {
  return (await installed()) ?? (await downloaded()) ?? (await built());
}

async function installed(): Promise<PulumiHome | undefined> {
  for (const found of allPulumis()) {
    const { doubts } = await inspect(found).catch(() => ({ doubts: ["it does not run"] }));
    if (doubts.length === 0) return found;
  }
  return undefined;
}

async function downloaded(): Promise<PulumiHome | undefined> {
  if (!existsSync(downloadFolder()) && existsSync(builtFolder())) return undefined;
  try {
    return await fetchPulumi(SITE);
  } catch (failure) {
    const why = failure instanceof NotReachable ? "cannot be downloaded" : "download was refused";
    notice(`Pulumi ${PULUMI_VERSION} ${why}: ${messageOf(failure)}`);
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
  return { bin, source: "built" };
}
