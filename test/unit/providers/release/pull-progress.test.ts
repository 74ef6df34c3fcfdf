import { describe, expect, it } from "vitest";
import { PullProgress } from "../../../../providers/release/pull-progress.ts";

const MB = 1024 * 1024;

describe("the progress of pulls", () => {
  let now = 0;
  const progress = (wanted: number, ready: number) => {
    now = 0;
    return new PullProgress(wanted, ready, () => now);
  };

  it("is that of all hosts together: bytes, rate, and the time that is left at that rate", () => {
    const pulls = progress(3, 1);
    now = 2000;
    expect(pulls.note("web-1", 10 * MB, 40 * MB)).toBe("pull 1/3 · 10 of 40 MB · 5.0 MB/s · 6 s left");
    expect(pulls.note("web-2", 10 * MB, 20 * MB)).toBe("pull 1/3 · 20 of 60 MB · 10 MB/s · 4 s left");
    now = 4000;
    expect(pulls.done("web-1")).toBe("pull 2/3 · 50 of 60 MB · 13 MB/s");
  });

  it("gives no time before the rate says something", () => {
    const pulls = progress(1, 0);
    now = 500;
    expect(pulls.note("web-1", MB, 900 * MB)).toBe("pull 0/1 · 1.0 of 900 MB · 2.0 MB/s");
    expect(progress(1, 0).note("web-1", 0, 900 * MB)).toBe("pull 0/1 · 0.0 of 900 MB · 0.0 MB/s");
  });

  it("says nothing of bytes where none are missing", () => {
    expect(progress(2, 1).done("web-1")).toBe("pull 2/2");
  });
});
