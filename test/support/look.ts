import { findDrift } from "../../cli/deploy/fast-path/drift.ts";
import { parseCheckpoint } from "../../cli/stack/checkpoint.ts";
import { Hosts, parseAccess } from "../../hosts/index.ts";
import type { Lab } from "../../lab/lab.ts";
import { type LabStack, labValues } from "../../lab/stack.ts";
import { done } from "./outcome.ts";

/**
 * A preview of the config that the last run was given would find nothing to do. It is found as `slipway deploy` finds it: each
 * resource reads its hosts, and the engine is asked only in doubt. The engine takes two seconds and both cores to say the
 * same; each file has one preview that does.
 */
export async function expectNothingSeen(lab: Lab, stack: LabStack): Promise<void> {
  const doubts = await differencesSeen(lab, stack);
  if (doubts.length > 0) await done(stack.launch(["preview", "--expect-no-changes"]).done);
}

async function differencesSeen(lab: Lab, stack: LabStack): Promise<string[]> {
  const checkpoint = parseCheckpoint(await stack.exported());
  if (checkpoint.isUnfinished) return ["a run was interrupted"];
  if (checkpoint.resources.length === 0) return ["nothing was ever released"];
  const hosts = new Hosts(parseAccess(JSON.stringify(labValues(lab).ssh), {}));
  try {
    return await findDrift(checkpoint, hosts);
  } finally {
    await hosts.close();
  }
}
