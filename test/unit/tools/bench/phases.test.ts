import { describe, expect, it } from "vitest";
import { phasesOf } from "../../../../tools/bench/commands/phases.ts";

const started = new Date("2026-01-31T10:00:00.000Z");
const event = (ends_s: number, ms: number) => ({
  at: new Date(started.getTime() + ends_s * 1000),
  host: "web-1",
  kind: "docker",
  what: "list containers",
  ms,
});

describe("the phases of a run", () => {
  it("are its start, the look, those that the release names, and its end, without a gap", () => {
    const output =
      "shop: released 1.2-ab12cd34 in 1.00 s, serving after 0.80 s: pull 0.30 · boot 0.50 · read back 0.05; in maintenance\n";
    expect(phasesOf({ output, wall_s: 4, trace: [event(1.5, 100), event(3.2, 200)], started })).toEqual([
      { phase: "start", from_s: 0, to_s: 1.4 },
      { phase: "look", from_s: 1.4, to_s: 2.2 },
      { phase: "pull", from_s: 2.2, to_s: 2.5 },
      { phase: "boot", from_s: 2.5, to_s: 3 },
      { phase: "read back", from_s: 3, to_s: 3.05 },
      { phase: "rest of the release", from_s: 3.05, to_s: 3.2 },
      { phase: "end", from_s: 3.2, to_s: 4 },
    ]);
  });

  it("are one if no host was asked", () => {
    expect(phasesOf({ output: "", wall_s: 1, trace: [], started })).toEqual([{ phase: "start", from_s: 0, to_s: 1 }]);
  });

  it("are refused for a run that released nothing", () => {
    expect(() => phasesOf({ output: "nothing to do", wall_s: 1, trace: [event(0.5, 10)], started })).toThrow("nothing to do");
  });
});
