import type { Seconds } from "../core/words.ts";

/** Shows one line. */
export type Report = (line: string) => void;

/** What is quicker needs no progress. */
const SHOWN_AFTER: Seconds = 2;
const SHOWN_AGAIN: Seconds = 10;

/** Says what is waited for, once it takes long. */
export async function reporting<T>(what: string, report: Report, work: Promise<T>): Promise<T> {
  const start = performance.now();
  const show = () => report(`waiting for ${what}, ${Math.round((performance.now() - start) / 1000)} s`);
  let again: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    show();
    again = setInterval(show, SHOWN_AGAIN * 1000);
  }, SHOWN_AFTER * 1000);
  try {
    return await work;
  } finally {
    clearTimeout(first);
    clearInterval(again);
  }
}
