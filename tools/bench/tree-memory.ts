import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Milliseconds } from "../../core/words.ts";

const LOOK: Milliseconds = 100;

/** The most memory, in MB, that all processes below one have had together. A page that several of them share counts once (PSS). */
export class TreeMemory {
  readonly #over = new AbortController();
  #watching: Promise<void> = Promise.resolve();
  #most = 0;

  watch(root: number): void {
    this.#watching = (async () => {
      while (!this.#over.signal.aborted) {
        this.#most = Math.max(this.#most, await memoryBelow(root));
        await sleep(LOOK, undefined, { signal: this.#over.signal }).catch(() => {});
      }
    })();
  }

  /** Ends the watching. */
  async peak(): Promise<number> {
    this.#over.abort();
    await this.#watching;
    return Math.round(this.#most / 1024);
  }
}

/** In kB. */
async function memoryBelow(root: number): Promise<number> {
  const all = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(all.map(async (pid) => [pid, parentIn(await read(`/proc/${pid}/stat`))] as const));
  const sizes = await Promise.all(below(root, parents).map(async (pid) => pssIn(await read(`/proc/${pid}/smaps_rollup`))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** All descendants, without the process itself. @param parents pid and parent of each process */
export function below(root: number, parents: readonly (readonly [pid: number, parent: number])[]): number[] {
  const children = parents.filter(([, parent]) => parent === root).map(([pid]) => pid);
  return children.flatMap((pid) => [pid, ...below(pid, parents)]);
}

/** Of `/proc/PID/stat`; the name before it may contain blanks and parentheses. 0 if the process has ended. */
export const parentIn = (stat: string): number => Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);

/** Of `/proc/PID/smaps_rollup`, in kB. */
export const pssIn = (text: string): number => Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);

/** Empty if the process has ended. */
const read = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
