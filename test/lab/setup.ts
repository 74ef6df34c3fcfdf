import type { TestProject } from "vitest/node";
import { labStatus, startLab, stopLab } from "./lab.ts";

/** How many hosts the tests find. */
const HOSTS = 3;

/** Vitest's global setup: the lab is up before the first test. One that was up before stays up; one that this run started goes. */
export default async function setup(_project: TestProject): Promise<() => Promise<void>> {
  const before = await labStatus();
  await startLab({ hosts: HOSTS });
  return async () => {
    if (before.engine === "stopped") await stopLab();
  };
}
