import { describe, expect, it } from "vitest";
import { below, parentIn, pssIn } from "../../../../tools/bench/tree-memory.ts";

describe("the memory of a tree of processes", () => {
  it("is that of all descendants, and of no other process", () => {
    const parents = [
      [2, 1],
      [10, 2],
      [11, 10],
      [12, 10],
      [13, 11],
      [20, 1],
    ] as const;
    expect(below(10, parents)).toEqual([11, 13, 12]);
  });

  it("finds the parent behind a name with blanks and parentheses", () => {
    expect(parentIn("42 (a (b) c) S 7 42 42 0")).toBe(7);
    expect(parentIn("")).toBe(0);
  });

  it("reads the proportional size", () => {
    expect(pssIn("00400000-7fff rollup\nRss:            5000 kB\nPss:            1234 kB\nPss_Dirty:       100 kB\n")).toBe(1234);
    expect(pssIn("")).toBe(0);
  });
});
