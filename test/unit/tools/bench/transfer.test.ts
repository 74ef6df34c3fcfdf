import { describe, expect, it } from "vitest";
import { tableOf } from "../../../../tools/bench/table.ts";
import { targetsOf } from "../../../../tools/bench/targets.ts";
import { secondsOnLine } from "../../../../tools/bench/transfer/result.ts";
import { type Round, rowOf } from "../../../../tools/bench/transfer/row.ts";
import { aResult, aTransfer } from "./a-result.ts";

const missed = (more: Parameters<typeof aTransfer>[0]) =>
  targetsOf({ ...aResult(), commands: undefined, transfer: [aTransfer(more)] })
    .filter(({ held }) => !held)
    .map(({ what, measured }) => `${what}: ${measured}`);

describe("what a line needs", () => {
  it.each([
    [2_500_000, 20, 1],
    [15_000_000, 20, 6],
    [125_000, 1000, 0.001],
  ])("for %d bytes at %d Mbit/s is %d s", (bytes, mbit, seconds) => {
    expect(secondsOnLine(bytes, mbit)).toBeCloseTo(seconds, 9);
  });
});

describe("the row of a line", () => {
  const sizes = { image_mb: 300, changed_mb: 5, hosts: 3 };
  const round = (s: number, saveLoad?: number): Round => ({
    ours: { bytes: 15_000_000 + s, s },
    registry: { bytes: 5_000_000, s: s * 2 },
    free: {
      plain: { bytes: 15_000_000, s: s / 2 },
      forward: { ours: s * 10, openssh: s * 20 },
      ...(saveLoad === undefined ? {} : { saveLoad: { bytes: 900_000_000, s: saveLoad } }),
    },
  });

  it("has medians, of save and load those of the rounds that had it", () => {
    expect(rowOf({ ...sizes, line: { rtt_ms: 50 } }, [round(3, 40), round(1), round(2)])).toEqual({
      ...sizes,
      rounds: 3,
      rtt_ms: 50,
      bytes: 15_000_002,
      s: 2,
      limit_s: 1,
      registry_bytes: 5_000_000,
      registry_s: 4,
      save_load_bytes: 900_000_000,
      save_load_s: 40,
      ours_mb_s: 20,
      openssh_mb_s: 40,
    });
  });

  it("compares with the formula where the line is limited, and has no forward", () => {
    const { ours, registry } = round(8);
    const row = rowOf({ ...sizes, line: { rtt_ms: 20, mbit: 20 } }, [{ ours, registry }], 900_000_000);
    expect(row).toMatchObject({ mbit: 20, limit_s: 6, save_load_bytes: 900_000_000, save_load_s: 360 });
    expect(row).not.toHaveProperty("ours_mb_s");
  });
});

describe("the targets of a transfer", () => {
  it("hold for what is within every bar", () => {
    expect(missed({})).toEqual([]);
    expect(missed({ rtt_ms: 20, mbit: 20, s: 7.9, limit_s: 6 })).toEqual([]);
  });

  it("see what is sent twice, what is slow, and a slow forward", () => {
    expect(missed({ rtt_ms: 50, bytes: 16_510_000, s: 2.16, limit_s: 1, ours_mb_s: 20.7, openssh_mb_s: 30 })).toEqual([
      "5 of 300 MB to 3 hosts, +50 ms: sent ≤ 16.5 MB: 16.51 MB",
      "5 of 300 MB to 3 hosts, +50 ms: complete ≤ 2.15 s: 2.16 s",
      "one stream to a host, +50 ms: ≥ 0.7 of ssh -R: 0.69",
    ]);
  });

  it("compare the forward only on the longest way", () => {
    expect(missed({ rtt_ms: 0, ours_mb_s: 1, openssh_mb_s: 30 })).toEqual([]);
    expect(missed({ rtt_ms: 50, ours_mb_s: 21, openssh_mb_s: 30 })).toEqual([]);
  });
});

it("the table has a line for each line to the hosts, and says what was calculated", () => {
  const limited = aTransfer({ rtt_ms: 20, mbit: 20, s: 6.9, limit_s: 6.02, save_load_s: 360.5 });
  const { ours_mb_s: _ours, openssh_mb_s: _openssh, ...row } = limited;
  const blocks = tableOf({ ...aResult(), transfer: [aTransfer(), row] }).split("\n\n");
  expect(blocks.map((block) => block.split("\n"))).toContainEqual([
    "5 of 300 MB to 3 hosts, 3 rounds     sent  slipway   limit  docker save | ssh docker load     push and pull  forward   ssh -R",
    "+0 ms                             15.0 MB   1.00 s  0.60 s             901.3 MB in 9.00 s  5.0 MB in 1.50 s  40 MB/s  50 MB/s",
    "+20 ms, 20 Mbit/s                 15.0 MB   6.90 s  6.02 s         ≥ 901.3 MB in 360.50 s  5.0 MB in 1.50 s",
  ]);
});
