import { expect, it } from "vitest";
import { tableOf } from "../../../../tools/bench/table.ts";
import { aResult } from "./a-result.ts";

it("the table has a block for each case, its history, its phases, and every target", () => {
  const blocks = tableOf(aResult()).split("\n\n");
  expect(blocks[0]).toContain("medians of 5");
  expect(blocks[1]?.split("\n")).toEqual([
    "1 host, +0 ms                              wall  over floor     CPU  memory  SSH  turns    up   down",
    "up of an empty program (floor)           1.20 s              1.10 s",
    "slipway deploy, a new version            2.10 s       +0.90  1.90 s  270 MB    1     20  5 kB  40 kB",
    "slipway deploy, nothing to do            0.50 s       −0.70  0.40 s            1     20  5 kB  40 kB",
    "slipway rollback, to the version before  2.00 s       +0.80  1.00 s            1     20  5 kB  40 kB",
  ]);
  expect(blocks).toContain(
    "release 2: 40 kB received from the host\nrelease 11, 40 containers of others: 41 kB received from the host",
  );
  expect(blocks).toContain("one release, +0 ms, 2.10 s: start 1.10 · end 1.00");
  expect(blocks).toContain("a release, 1 host: 10 round trips one after the other");
  expect(blocks.at(-1)).toContain("over the floor ≤ 1.2 s");
});
