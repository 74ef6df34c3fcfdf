import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Milliseconds } from "../../core/words.ts";

const LOOK: Milliseconds = 50;
/** The command line of a dynamic provider's process. */
const PROVIDER = "dynamic-provider";

/** The peak memory, in MB, of a provider process while `work` ran. */
export async function providerMemory(work: () => Promise<unknown>): Promise<number> {
  const over = new AbortController();
  let most = 0;
  const watching = (async () => {
    while (!over.signal.aborted) {
      most = Math.max(most, ...(await peaks()));
      await sleep(LOOK, undefined, { signal: over.signal }).catch(() => {});
    }
  })();
  try {
    await work();
    return Math.round(most / 1024);
  } finally {
    over.abort();
    await watching;
  }
}

/** The kernel records the peak of a process; for one that has ended, the last 50 ms are missing. */
async function peaks(): Promise<number[]> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    processes.map(async (pid) => {
      const [command, status] = await Promise.all([read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/status`)]);
      if (!command.includes(PROVIDER)) return [];
      return [Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0)];
    }),
  );
  return found.flat();
}

/** Empty if the process has ended. */
const read = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
