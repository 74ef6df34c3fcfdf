import type { Work } from "./work.ts";

/** A step of the protocol whose time is part of the sentence at the end. */
export const timed =
  <T, More extends readonly unknown[]>(phase: string, step: (work: Work, ...more: More) => Promise<T>) =>
  (work: Work, ...more: More): Promise<T> =>
    work.watch.time(phase, () => step(work, ...more));
