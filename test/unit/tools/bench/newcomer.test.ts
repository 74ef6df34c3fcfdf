import { describe, expect, it } from "vitest";
import { momentOf, newcomerPhases } from "../../../../tools/bench/newcomer/phases.ts";
import { rowOf } from "../../../../tools/bench/newcomer/row.ts";
import { tableOf } from "../../../../tools/bench/table.ts";
import { aNewcomer, aResult } from "./a-result.ts";

const HEARD = [
  { at: 4, text: "slipway:DockerEngine new-docker\n  new   install Docker\n" },
  { at: 11, text: "slipway:RegistryLogin new\n  log in\nslipway:Pro" },
  { at: 11.5, text: "xy new-proxy\n  new   run kamal-proxy\n" },
  { at: 13, text: "slipway:Build shop-image\n  build shop 099f48d7   first build\n" },
  { at: 16, text: "  built shop@sha256:3e34fd9010f6 in 2.4 s\nslipway:Release shop\n  pull 0/1 · 0.0 of 3.9 MB\n" },
  { at: 19, text: "  released 099f48d7-263d9aac in 2.37 s, serving after 2.12 s: pull 0.54 · boot 0.98 · switch 0.22\n" },
];

describe("the phases of a first deploy", () => {
  it("begin with their headings, and the last one ends with the answer", () => {
    expect(newcomerPhases(HEARD, 18.5)).toEqual([
      { phase: "start", from_s: 0, to_s: 4 },
      { phase: "docker", from_s: 4, to_s: 11.5 },
      { phase: "proxy", from_s: 11.5, to_s: 13 },
      { phase: "build", from_s: 13, to_s: 16 },
      { phase: "transfer", from_s: 16, to_s: 16.54 },
      { phase: "release", from_s: 16.54, to_s: 18.5 },
    ]);
  });

  it.each([
    ["docker", /DockerEngine/],
    ["build", /Build/],
    ["transfer", /pull 0\.54/],
  ])("are refused where the output does not have %s", (phase, line) => {
    const without = HEARD.map(({ at, text }) => ({ at, text: text.replace(line, "Other") }));
    expect(() => newcomerPhases(without, 18.5)).toThrow(`when the phase ${phase} was`);
  });

  it("are found in output that comes in any parts", () => {
    expect(momentOf(HEARD, /^slipway:Proxy /m)).toBe(11.5);
    expect(momentOf(HEARD, /never/)).toBeUndefined();
  });
});

it("the row has the median of each moment", () => {
  const deploy = (first_answer_s: number, late: number) => ({
    first_answer_s,
    wall_s: first_answer_s + 1,
    phases: newcomerPhases(
      HEARD.map(({ at, text }) => ({ at: at + late, text })),
      first_answer_s,
    ),
  });
  const row = rowOf([deploy(20, 1), deploy(18.5, 0), deploy(30, 9)]);
  expect(row).toMatchObject({ rounds: 3, first_answer_s: 20, wall_s: 21 });
  expect(row.phases[1]).toEqual({ phase: "docker", from_s: 5, to_s: 12.5 });
});

it("the table has one row, and the phases", () => {
  expect(tableOf({ ...aResult(), newcomer: aNewcomer() }).split("\n\n")).toContain(
    "from a folder with a Dockerfile to the first answer, 1 host without Docker, 3 rounds   18.50 s, the command 19.10 s\n" +
      "of it: start 4.00 · docker 7.50 · proxy 1.50 · build 3.00 · transfer 0.54 · release 1.96",
  );
});
