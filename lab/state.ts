import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** The lab's persistent files: images, keys, pid files. Outside the checkout, so that checkouts share one lab. */
export const STATE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "slipway", "lab");

/** Everything of the lab in a Docker engine carries this label; its value distinguishes two labs on one machine. */
export const LABEL = "slipway.lab";

/** A path inside the state folder. @example inState("hosts", "web-1") */
export const inState = (...parts: string[]): string => join(STATE, ...parts);

/** A folder inside the state folder, created if missing. */
export async function folder(...parts: string[]): Promise<string> {
  const path = inState(...parts);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Prints on stderr what is being done and how long it took; returns the result. */
export async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  console.error(`lab: ${what} …`);
  const result = await work();
  console.error(`lab: ${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}
