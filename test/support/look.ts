import { findDrift } from "../../cli/deploy/fast-path/drift.ts";
import { parseCheckpoint } from "../../cli/stack/checkpoint.ts";
import { Hosts, parseAccess } from "../../hosts/index.ts";
import type { Lab } from "../../lab/lab.ts";
import { type LabStack, labValues } from "../../lab/stack.ts";
import { done } from "./outcome.ts";

/**
 * A preview of the config of the last run would find nothing to do. Checked as `slipway deploy` does: each resource reads its
 * hosts, and the engine runs only in doubt. The engine needs two seconds and both cores for the same answer; each file has one
 * preview that asks it.
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
