import { join } from "node:path";
import { cached } from "./cache.ts";
import { downloadPulumi, type ReleaseSite } from "./download.ts";
import { downloadBin, downloadFolder, type FoundPulumi } from "./found.ts";
import { mustRun } from "./inspection.ts";

/** Fetches the official release into our cache, unless it is there. An aborted `stop` leaves nothing behind. */
export async function fetchPulumi(site: ReleaseSite, stop?: AbortSignal): Promise<FoundPulumi> {
  const fill = async (draft: string) => {
    await downloadPulumi(draft, site, stop);
    await mustRun(join(draft, "bin", "pulumi"));
  };
  await cached(downloadFolder(), fill, stop);
  return { bin: downloadBin(), source: "download" };
}
