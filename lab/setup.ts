import type { TestProject } from "vitest/node";
import { ensurePulumi } from "../tools/pulumi/index.ts";
import { labStatus, startLab, stopLab } from "./lab.ts";

/** How many hosts the tests find. */
const HOSTS = 3;

/**
 * Vitest's global setup: Pulumi and the lab are there before the first test, however long that takes on a new machine. A lab that was
 * up before stays up; one that this run started goes.
 */
export default async function setup(_project: TestProject): Promise<() => Promise<void>> {
  const before = await labStatus();
  await ensurePulumi();
  await startLab({ hosts: HOSTS });
  return async () => {
    if (before.engine === "stopped") await stopLab();
  };
}
