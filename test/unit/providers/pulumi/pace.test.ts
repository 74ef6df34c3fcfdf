import { describe, expect, it } from "vitest";
import { displayHere } from "../../../../providers/pulumi/display.ts";
import { type Display, Pace } from "../../../../providers/pulumi/pace.ts";

/** What is shown until then of statuses that come at these milliseconds, the latest of those that wait. */
function shown(display: Display, statuses: readonly (readonly [at: number, line: string])[], until = 60_000): string[] {
  const pace = new Pace(display);
  const lines: string[] = [];
  let pending: { readonly at: number; readonly line: string } | undefined;
  const show = (at: number, line: string) => {
    pace.shown(line, at);
    lines.push(`${at} ${line}`);
  };
  for (const [at, line] of [...statuses, [until, ""] as const]) {
    if (pending !== undefined && pending.at < at) show(pending.at, pending.line);
    pending = undefined;
    if (line === "") continue;
    const wait = pace.wait(line, at);
    if (wait === 0) show(at, line);
    else pending = { at: at + wait, line };
  }
  return lines;
}

const slowBoot = Array.from({ length: 300 }, (_, at) => [at * 100, `healthy 0/1 (web-1: 503 × ${at + 1})`] as const);

describe("a status", () => {
  it("of a boot of 30 s is three lines of a log", () => {
    expect(shown("log", slowBoot, 30_000)).toEqual([
      "0 healthy 0/1 (web-1: 503 × 1)",
      "10000 healthy 0/1 (web-1: 503 × 101)",
      "20000 healthy 0/1 (web-1: 503 × 201)",
    ]);
  });

  it("changes each second on a terminal", () => {
    expect(shown("terminal", slowBoot, 30_000)).toHaveLength(30);
  });

  it("of the next phase does not wait for the one before", () => {
    const lines = shown("log", [
      [0, "pull 0/1"],
      [1_200, "healthy 0/1 (web-1: connection refused × 1)"],
      [1_500, "healthy 0/1 (web-1: connection refused × 4)"],
      [2_400, "switched 1/1"],
      [3_500, "draining web-1: 1 s"],
      [4_500, "draining web-1: 2 s"],
    ]);
    expect(lines).toEqual([
      "0 pull 0/1",
      "1200 healthy 0/1 (web-1: connection refused × 1)",
      "2400 switched 1/1",
      "3500 draining web-1: 1 s",
      "13500 draining web-1: 2 s",
    ]);
  });

  it("is not more than one a second, whatever changes", () => {
    const words = ["pull", "boot", "switch", "drain"];
    const hasty = Array.from({ length: 40 }, (_, at) => [at * 50, `${words[at % 4]} ${at}`] as const);
    expect(shown("log", hasty).length).toBeLessThanOrEqual(4);
    expect(shown("terminal", hasty).length).toBeLessThanOrEqual(3);
  });
});

describe("where a status is shown", () => {
  it.each([
    ["a terminal, if there is one", {}, true, "terminal"],
    ["a log without one", {}, false, "log"],
    ["a log in CI", { CI: "true" }, true, "log"],
    ["where the command says", { SLIPWAY_DISPLAY: "log" }, true, "log"],
    ["on a terminal that only the command sees", { SLIPWAY_DISPLAY: "terminal", CI: "true" }, false, "terminal"],
  ] as const)("is %s", (_about, env, terminal, display) => {
    expect(displayHere(env, () => terminal)).toBe(display);
  });
});
