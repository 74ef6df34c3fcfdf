import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { barChart, lineChart, phaseChart } from "../../../../tools/bench/page/charts.ts";
import { performancePage } from "../../../../tools/bench/page/page.ts";
import { plotsOf } from "../../../../tools/bench/page/plots.ts";
import { withReadmeRow } from "../../../../tools/bench/page/readme-row.ts";
import { element, legend, ticks } from "../../../../tools/bench/page/svg.ts";
import { pageFiles, STORED } from "../../../../tools/bench/page/write.ts";
import { BenchResult } from "../../../../tools/bench/result.ts";
import { aNewcomer, aResult, aTransfer, someCommands } from "./a-result.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** Every element that is opened is closed, and no text has a bare sign. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, end, name = "", alone] of svg.replace(/<style>.*?<\/style>/s, "").matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (end === "/") {
      if (open.pop() !== name) return false;
    } else if (alone !== "/") open.push(name);
  }
  return open.length === 0 && !/&(?!amp;|lt;|gt;|quot;)/.test(svg);
}

describe("docs/performance.md", () => {
  const files = pageFiles(BenchResult.parse(JSON.parse(read(STORED))), read("README.md"));

  it.each(Object.keys(files))("and %s are what the tool makes of the stored result", (path) => {
    expect(read(path)).toBe(files[path]);
  });

  it("says what was not measured instead of leaving it out", () => {
    const page = performancePage(aResult(), someCommands({ history: [] }));
    expect(page).toContain("| `slipway deploy`, a new version | 2.10 | 2.60 | 3.90 |");
    expect(page).toContain("| `slipway pulumi up --yes`, nothing to do | – | – | – |");
    expect(page).toContain("10 round trips on 1 host");
    expect(page).toContain("was not measured here");
    expect(page).not.toMatch(/undefined|NaN|Infinity/);
  });

  it("has what was measured of an image to the hosts and of a first deploy, and says what was calculated", () => {
    const limited = { rtt_ms: 20, mbit: 20, s: 6.9, limit_s: 6.02, save_load_s: 360.5 };
    const transfer = [aTransfer(), aTransfer(limited)];
    const page = performancePage({ ...aResult(), transfer, newcomer: aNewcomer() }, someCommands());
    expect(page).toContain("| +0 ms | 15.0 | 1.00 | 0.60 | 901.3 | 9.00 | 5.0 | 1.50 |");
    expect(page).toContain("| +20 ms, 20 Mbit/s | 15.0 | 6.90 | 6.02 | 901.3 | ≥ 361 | 5.0 | 1.50 |");
    expect(page.match(/\| \+0 ms \| 40 \| 50 \|\n\n/)).not.toBeNull();
    expect(page).toMatch(/\| docker: [^|]+ \| 4\.00 \| 11\.50 \|/);
    expect(page).toContain("The first answer comes **18.5 s** after Enter");
    expect(page).toContain("| 5 of 300 MB to 3 hosts, +0 ms: sent ≤ 16.5 MB | 15.05 MB | held |");
  });

  it("has Kamal's figures as they were measured", () => {
    const page = performancePage(aResult(), someCommands());
    expect(page).toContain("| `kamal deploy -P`, a new version | 3.56 | 5.09 | 6.11 | 4.87 | 6.43 | 7.13 |");
    expect(page).toContain("Kamal 2.12.0 (Ruby 3.1.2) on 2026-11-29");
  });
});

describe("README's row", () => {
  it("is replaced completely, and nothing else is", () => {
    const readme = "# Slipway\n| Kill it anywhere | x |\n| Short waits | old |\n| Say | y |\n";
    const [, , row, ...others] = withReadmeRow(readme, aResult().machine, someCommands()).split("\n");
    expect(row).toMatch(
      /a new version by `slipway deploy` takes 2\.1 s on one server and 3\.9 s on ten, a rollback 2\.0 s, a run with nothing to do 0\.5 s/,
    );
    expect(others).toEqual(["| Say | y |", ""]);
  });

  it("has no figures of a busy machine, and the page says what they are worth", () => {
    const machine = { ...aResult().machine, load: 2.1 };
    expect(withReadmeRow("| Short waits | old |", machine, someCommands())).not.toMatch(/\d s\b/);
    expect(performancePage({ ...aResult(), machine }, someCommands())).toContain("a load of 2.1 on 2 CPUs");
    expect(performancePage(aResult(), someCommands())).not.toContain("busy with something else");
  });

  it("must be there", () => {
    expect(() => withReadmeRow("# Slipway\n", aResult().machine, someCommands())).toThrow("no line");
  });
});

describe("a plot", () => {
  const series = [
    {
      name: "a < b & c",
      colour: "#123456",
      points: [
        { x: 1, y: 2 },
        { x: 3, y: 4 },
      ],
    },
  ];

  it("is well-formed, whatever its texts are", () => {
    const label = (x: number) => `${x} "hosts"`;
    const bars = [{ name: "<1>", parts: [{ name: "pull & boot", from: 0, to: 1.5 }] }];
    for (const svg of [
      barChart({ title: "A & B", label, series }),
      lineChart({ title: "A", label, series }),
      phaseChart("P", bars),
    ])
      expect(isWellFormed(svg)).toBe(true);
  });

  it("is drawn of nothing as well", () => {
    for (const svg of Object.values(plotsOf({ cases: [], history: [], timelines: [] }))) {
      expect(isWellFormed(svg)).toBe(true);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it("has a colour for light and one for dark pages", () => {
    expect(barChart({ title: "", label: String, series })).toContain("prefers-color-scheme: dark");
  });

  it("has a bar as high as its figure, on an axis from 0", () => {
    const heights = [...barChart({ title: "", label: String, series }).matchAll(/height="([\d.]+)" fill/g)].map(([, height]) =>
      Number(height),
    );
    expect((heights[1] ?? 0) / (heights[0] ?? 1)).toBeCloseTo(2, 1);
  });

  it.each([
    [7.3, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    [0.42, [0, 0.1, 0.2, 0.3, 0.4, 0.5]],
    [14, [0, 2, 4, 6, 8, 10, 12, 14]],
  ])("up to %d has the ticks %j", (most, expected) => {
    expect(ticks(most)).toEqual(expected);
  });

  it("goes on in the next row of the legend when one is full", () => {
    const names = ["a".repeat(30), "b".repeat(30), "c".repeat(30)].map((name) => ({ name, colour: "#000" }));
    const heights = legend(names, 100, 500).flatMap((text) => /<text x="[\d.]+" y="(\d+)"/.exec(text)?.[1] ?? []);
    expect(heights).toEqual(["100", "100", "118"]);
  });

  it("escapes texts and attributes", () => {
    expect(element("text", { x: 1.26, class: 'a"b' }, "1 < 2 & 3")).toBe(
      '<text x="1.3" class="a&quot;b">1 &lt; 2 &amp; 3</text>',
    );
  });
});
