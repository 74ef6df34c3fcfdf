import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabStack } from "../../lab/stack.ts";
import { done } from "./outcome.ts";

/** Replaces the whole state of a stack. */
export async function importState(stack: LabStack, state: unknown): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-state-"));
  try {
    await writeFile(join(folder, "state.json"), JSON.stringify(state));
    await done(stack.launch(["stack", "import", "--file", join(folder, "state.json")]).done);
  } finally {
    await rm(folder, { recursive: true });
  }
}
