import { describe, expect, it } from "vitest";
import { circumstancesOf, merged } from "../../../../tools/bench/merge.ts";
import { performancePage } from "../../../../tools/bench/page/page.ts";
import type { BenchResult } from "../../../../tools/bench/result.ts";
import { aNewcomer, aResult, aTransfer, someCommands } from "./a-result.ts";

const stored = aResult();
const { commands: _commands, ...elsewhere } = aResult();
const later: BenchResult = {
  ...elsewhere,
  measured: "2026-03-01",
  machine: { ...stored.machine, cpu: "Other CPU" },
  transfer: [aTransfer()],
};

describe("a result that is merged with the stored one", () => {
  it("keeps what a later run has not measured, with its day and its machine", () => {
    const both = merged(stored, later);
    expect(both).toMatchObject(stored);
    expect(both.transfer).toEqual(later.transfer);
    expect(circumstancesOf(both, "commands")).toMatchObject({ measured: stored.measured, machine: stored.machine });
    expect(circumstancesOf(both, "transfer")).toMatchObject({ measured: "2026-03-01", machine: later.machine });
  });

  it("keeps such a part also when the commands are measured again", () => {
    const again = merged(merged(stored, later), { ...stored, measured: "2026-04-01", commands: someCommands({ history: [] }) });
    expect(again).toMatchObject({ measured: "2026-04-01", commands: { history: [] }, transfer: later.transfer });
    expect(circumstancesOf(again, "transfer").measured).toBe("2026-03-01");
  });

  it("has a part once, of the last run that measured it", () => {
    const third = { ...later, measured: "2026-05-01", transfer: [aTransfer({ s: 9 })] };
    const all = merged(merged(stored, later), third);
    expect(all.transfer?.map(({ s }) => s)).toEqual([9]);
    expect(circumstancesOf(all, "transfer").measured).toBe("2026-05-01");
  });

  it("is the same after it is merged with itself", () => {
    const both = merged(stored, { ...later, newcomer: aNewcomer() });
    expect(merged(both, both)).toEqual(both);
    expect(merged(stored, stored)).toEqual(stored);
  });

  it("leaves the page as it was, except for the part's own section and its targets", () => {
    const lines = (result: BenchResult) => performancePage(result, someCommands()).split("\n");
    const [before, after] = [lines(stored), lines(merged(stored, later))];
    expect(before.filter((line) => !after.includes(line))).toEqual([]);
    const added = after.filter((line) => !before.includes(line));
    expect(added.join("\n")).toContain("Measured on 2026-03-01");
    expect(added.join("\n")).toContain("| +0 ms | 15.0 | 1.00 | 0.60 | 901.3 | 9.00 | 5.0 | 1.50 |");
  });
});
