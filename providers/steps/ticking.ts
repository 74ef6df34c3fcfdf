import type { Milliseconds, Seconds } from "../../core/words.ts";

/** Keeps the progress row alive while `work` goes on: `show` gets the seconds that it has taken so far. */
export async function ticking<T>(show: (age: Seconds) => void, work: Promise<T>, interval: Milliseconds = 1000): Promise<T> {
  const start = performance.now();
  const ticker = setInterval(() => show(Math.round((performance.now() - start) / 1000)), interval);
  try {
    return await work;
  } finally {
    clearInterval(ticker);
  }
}
