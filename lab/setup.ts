import type { TestProject } from "vitest/node";
import { useBuilt } from "../tools/built.ts";
import { ensurePulumi } from "../tools/pulumi/index.ts";
import { labStatus, startLab, stopLab } from "./lab.ts";
import { alone } from "./lock.ts";

/** Number of hosts for the tests. */
const HOSTS = 3;

/**
 * Vitest's global setup: Pulumi and the lab are ready before the first test, however long that takes on a new machine. A lab that was
 * already running keeps running; one that this run started is stopped.
 */
export default async function setup(_project: TestProject): Promise<() => Promise<void>> {
  const before = await labStatus();
  await alone(useBuilt);
  await ensurePulumi();
  await startLab({ hosts: HOSTS });
  return async () => {
    if (before.engine === "stopped") await stopLab();
  };
}
