import { describe, expect, it } from "vitest";
import { rowFrom } from "../../../../tools/bench/commands/measure.ts";
import { targetsOf } from "../../../../tools/bench/targets.ts";
import { aResult, aRow, someCommands } from "./a-result.ts";

const missed = (commands = someCommands()) =>
  targetsOf(aResult(commands))
    .filter(({ held }) => !held)
    .map(({ what, measured }) => `${what}: ${measured}`);

describe("the targets of complete commands", () => {
  it("hold for what is within every bar", () => {
    expect(missed()).toEqual([]);
  });

  it("are none for what was not measured", () => {
    const targets = targetsOf(aResult(someCommands({ cases: [], history: [] })));
    expect(targets).toEqual([]);
  });

  it("compare with the floor of the same hosts and round trip", () => {
    const far = { hosts: 1, rtt_ms: 50, floor: { wall_s: 1.0, cpu_s: 1 }, rows: [aRow("deploy", { wall_s: 3.01 })] };
    expect(missed(someCommands({ cases: [far], history: [] }))).toEqual([
      "slipway deploy, a new version, 1 host, +50 ms: over the floor ≤ 2.0 s: 2.01 s",
    ]);
  });

  it("see each kind of cost", () => {
    const rows = [
      aRow("deploy", { wall_s: 2.0, cpu_s: 2.3, down_kb: 61, memory_mb: 281 }),
      aRow("deploy_noop", { wall_s: 0.61, cpu_s: 0.9 }),
    ];
    const near = { hosts: 1, rtt_ms: 0, floor: { wall_s: 1.2, cpu_s: 1 }, rows };
    const far = { ...near, rtt_ms: 50, rows: [aRow("deploy", { wall_s: 2.9 })] };
    const history = [
      { releases: 2, others: 0, down_kb: 50 },
      { releases: 11, others: 40, down_kb: 56 },
    ];
    expect(missed(someCommands({ cases: [near, far], history }))).toEqual([
      "slipway deploy, nothing to do, 1 host, +0 ms ≤ 0.6 s: 0.61 s",
      "slipway deploy, a new version, 1 host: CPU time ≤ 2.2 s: 2.30 s",
      "slipway deploy, nothing to do, 1 host: CPU time ≤ 0.8 s: 0.90 s",
      "a release, 1 host: round trips one after the other ≤ 16: 18",
      "a release, 1 host: received ≤ 60 kB: 61 kB",
      "after 9 more releases and 40 containers of others: received in addition ≤ 10 %: 12 %",
      "1 host: memory of all processes ≤ 280 MB: 281 MB",
    ]);
  });
});

describe("the row of a command", () => {
  it("has medians, of the traffic those of the host with the most", () => {
    const run = (wall_s: number, down: number) => ({
      code: 0,
      output: "",
      wall_s,
      cpu_s: wall_s / 2,
      traffic: [
        { connections: 1, turns: 3, up: 10_000, down },
        { connections: 2, turns: 1, up: 20_000, down: 1 },
      ],
    });
    expect(rowFrom("deploy", [run(3, 30_000), run(1, 10_000), run(2, 22_222)], 250)).toEqual({
      command: "deploy",
      wall_s: 2,
      cpu_s: 1,
      memory_mb: 250,
      connections: 2,
      turns: 3,
      up_kb: 20,
      down_kb: 22.2,
    });
  });
});
