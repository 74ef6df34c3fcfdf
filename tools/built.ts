/**
 * The code of this checkout as it is published, in `.built/`: the lab's stacks and commands run it, so that they test what users get, and
 * start as fast. Node.js takes it instead of the sources under the condition `slipway-built` (`exports` in package.json).
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT } from "./checks.ts";
import { bundle } from "./package/bundle.ts";
import { sourcesOf } from "./package/sources.ts";

const BUILT = join(PROJECT, ".built");
const STAMP = join(BUILT, "stamp");

/** Set for test processes whose lab stacks run the built code. */
const VARIABLE = "SLIPWAY_BUILT";
const CONDITION = "--conditions=slipway-built";

/** Builds it if the sources have changed since, and makes this process and its children use it. */
export async function useBuilt(): Promise<void> {
  const stamp = await stampNow();
  if ((await readFile(STAMP, "utf8").catch(() => "")) !== stamp) {
    const draft = `${BUILT}-${process.pid}`;
    await mkdir(draft);
    await bundle(PROJECT, draft);
    await writeFile(join(draft, "stamp"), stamp);
    await rm(BUILT, { recursive: true, force: true });
    await rename(draft, BUILT);
  }
  process.env[VARIABLE] = "1";
}

const isUsed = (): boolean => process.env[VARIABLE] === "1";

/** Options of Node.js for the processes of the engine. */
export const builtOptions = (options = ""): string => (isUsed() ? `${options} ${CONDITION}`.trim() : options);

/** The file of the `slipway` command. */
export const builtCommand = (): string => (isUsed() ? join(BUILT, "cli", "main.js") : join(PROJECT, "cli", "main.ts"));

async function stampNow(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await sourcesOf(PROJECT)) hash.update(`${file}\0`).update(await readFile(join(PROJECT, file)));
  return hash.digest("hex");
}
