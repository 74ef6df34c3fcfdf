import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Deadline } from "../../../core/deadline.ts";
import { isRunning } from "../../../core/is-running.ts";
import { notice } from "../../terminal/failure.ts";

/**
 * Creates `folder` with `fill` if it is missing. `fill` works in a folder beside it that is renamed when it is complete, so that a
 * crash leaves nothing incomplete under the final name.
 *
 * @param stop aborted when the caller no longer waits for another process that fills it
 */
export async function cached(folder: string, fill: (draft: string) => Promise<void>, stop?: AbortSignal): Promise<string> {
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const lock = await lockOf(`${folder}.lock`, stop);
  const draft = `${folder}.${randomUUID()}.draft`;
  try {
    if (existsSync(folder)) return folder;
    await mkdir(draft);
    await fill(draft);
    await rename(draft, folder).catch((failure: unknown) => {
      if (!existsSync(folder)) throw failure;
    });
    return folder;
  } finally {
    await rm(draft, { recursive: true, force: true });
    await lock[Symbol.asyncDispose]();
  }
}

/**
 * One process at a time, while its owner is alive. It only avoids duplicate work: two owners at the same time would create the same
 * complete folder, so a lock taken from an owner in a different pid namespace does no harm.
 */
async function lockOf(path: string, stop: AbortSignal | undefined): Promise<AsyncDisposable> {
  const mine = `${path}.${randomUUID()}`;
  const deadline = Deadline.in(20 * 60);
  await writeFile(mine, String(process.pid));
  try {
    let notedFor = "";
    while (!deadline.passed) {
      if (await linked(mine, path)) return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
      const owner = await readFile(path, "utf8").catch(() => "");
      if (owner !== "" && !isRunning(Number(owner))) await rm(path, { force: true });
      else if (owner !== notedFor) notice(`another process (${owner}) is getting Pulumi; waiting for it`);
      notedFor = owner;
      await sleep(250, undefined, stop && { signal: stop });
    }
    return { [Symbol.asyncDispose]: async () => {} };
  } finally {
    await rm(mine, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw failure;
  }
}
