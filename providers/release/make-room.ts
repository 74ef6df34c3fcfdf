import { messageOf } from "../../core/error.ts";
import { appName } from "../../core/names.ts";
import { together } from "../../core/together.ts";
import { ConnectionLost, diskOf } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import { withLeases } from "../steps/lease.ts";
import { requireSpace } from "./disk.ts";
import { findUnused } from "./images.ts";
import type { ReleaseInputs } from "./inputs.ts";
import { diskFor } from "./parcels.ts";
import type { Ready } from "./ready.ts";

/**
 * Removes the images that refused and interrupted releases have left, before anything is pulled: a run that is refused comes to no
 * clean-up of its own, and its image would stay until a release succeeds, which the full disk would prevent.
 */
export async function makeRoom(inputs: ReleaseInputs, ready: readonly Ready[], run: Run): Promise<void> {
  const full = ready.filter(({ unused }) => unused.length > 0);
  if (full.length === 0) return;
  const hosts = full.map(({ host }) => host);
  const remove = () => together(full, (one) => removeUnused(inputs, one, run));
  const app = appName(inputs);
  await withLeases(hosts, run, remove, { app }, `remove unused images of ${app}`);
}

async function removeUnused(inputs: ReleaseInputs, { host, images, parcels }: Ready, { report }: Run): Promise<void> {
  let removed = 0;
  // Another run of this repository may have begun to use one of them.
  for (const { id } of await findUnused(inputs, images, host)) {
    try {
      if ((await host.docker.removeImage(id)) === "removed") removed += 1;
    } catch (thrown) {
      if (thrown instanceof ConnectionLost) throw thrown;
      report.warn(`${host.name}: could not remove an old image: ${messageOf(thrown)}`);
    }
  }
  if (removed > 0) report.say(`${host.name}: removed ${removed} ${removed === 1 ? "image" : "images"} that no container used`);
  await requireSpace(host, diskOf(host), diskFor(parcels));
}
