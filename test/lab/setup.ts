import type { TestProject } from "vitest/node";
import { startLab } from "./lab.ts";

/** How many hosts the tests find. */
const HOSTS = 3;

/** Vitest's global setup: the lab is up before the first test. It stays up for the next run; `npm run lab -- down` ends it. */
export default async function setup(_project: TestProject): Promise<void> {
  await startLab({ hosts: HOSTS });
}
