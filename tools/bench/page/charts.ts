import { element, legend, line, picture, ticks } from "./svg.ts";

export interface Series {
  readonly name: string;
  readonly colour: string;
  /** A point that was not measured is missing. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Someone else's figures: dashed lines. */
  readonly dashed?: true;
}

export interface Chart {
  readonly title: string;
  /** What is written below a place. @example (hosts) => `${hosts} hosts` */
  readonly label: (x: number) => string;
  readonly series: readonly Series[];
}

const SIZE = { width: 720, height: 340 };
const PLOT = { left: 44, right: 710, top: 38, bottom: 260 };
const LEGEND = 306;

const xsOf = (series: readonly Series[]): number[] =>
  [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);

/** The vertical axis in seconds, with its lines. */
function scale(series: readonly Series[]): { y: (seconds: number) => number; parts: string[] } {
  const steps = ticks(Math.max(0, ...series.flatMap(({ points }) => points.map(({ y }) => y))));
  const top = Math.max(steps.at(-1) ?? 1, 1e-9);
  const y = (seconds: number) => PLOT.bottom - (seconds / top) * (PLOT.bottom - PLOT.top);
  const parts = steps.flatMap((step) => [
    line(PLOT.left, y(step), PLOT.right, y(step)),
    element("text", { x: PLOT.left - 6, y: y(step) + 4, "text-anchor": "end", class: "small" }, `${step} s`),
  ]);
  return { y, parts };
}

const below = (x: number, text: string): string => element("text", { x, y: PLOT.bottom + 18, "text-anchor": "middle" }, text);

/** A group of bars for each x, with the seconds above each. */
export function barChart({ title, label, series }: Chart): string {
  const { y, parts } = scale(series);
  const xs = xsOf(series);
  const group = (PLOT.right - PLOT.left) / Math.max(1, xs.length);
  const bar = Math.min(34, (group - 24) / Math.max(1, series.length));
  const bars = xs.flatMap((x, at) => {
    const there = series.flatMap(({ colour, points }) => {
      const found = points.find((point) => point.x === x);
      return found === undefined ? [] : [{ colour, seconds: found.y }];
    });
    const middle = PLOT.left + group * (at + 0.5);
    const left = middle - (bar * there.length) / 2;
    return [
      ...there.flatMap(({ colour, seconds }, number) => [
        element("rect", {
          x: left + number * bar + 1,
          y: y(seconds),
          width: bar - 2,
          height: PLOT.bottom - y(seconds),
          fill: colour,
        }),
        element(
          "text",
          { x: left + (number + 0.5) * bar, y: y(seconds) - 4, "text-anchor": "middle", class: "small" },
          seconds.toFixed(1),
        ),
      ]),
      below(middle, label(x)),
    ];
  });
  return picture({ ...SIZE, title }, [...parts, ...bars, ...legend(series, LEGEND, SIZE.width)]);
}

/** A line for each series over a continuous x. */
export function lineChart({ title, label, series }: Chart): string {
  const { y, parts } = scale(series);
  const xs = xsOf(series);
  const [low, high] = [xs[0] ?? 0, xs.at(-1) ?? 1];
  const x = (value: number) => PLOT.left + 30 + ((value - low) / Math.max(1e-9, high - low)) * (PLOT.right - PLOT.left - 60);
  const lines = series.flatMap(({ colour, points, dashed }) => {
    const sorted = [...points].sort((a, b) => a.x - b.x);
    const path = sorted.map((point, at) => `${at === 0 ? "M" : "L"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join(" ");
    const stroke = { d: path, fill: "none", stroke: colour, "stroke-width": 2 };
    return [
      element("path", dashed === undefined ? stroke : { ...stroke, "stroke-dasharray": "6 4" }),
      ...sorted.map((point) => element("circle", { cx: x(point.x), cy: y(point.y), r: 3.5, fill: colour })),
    ];
  });
  return picture({ ...SIZE, title }, [
    ...parts,
    ...lines,
    ...xs.map((value) => below(x(value), label(value))),
    ...legend(series, LEGEND, SIZE.width),
  ]);
}

export interface Bar {
  readonly name: string;
  readonly parts: readonly { readonly name: string; readonly from: number; readonly to: number }[];
}

const ROW = 40;
/** Distinct on light and dark pages alike. */
const COLOURS = ["#8b949e", "#4f8ff7", "#2da44e", "#d4a72c", "#e8734a", "#a371f7", "#db61a2", "#1b9e9e", "#b08968", "#6e7781"];

/** What follows what: a horizontal bar for each run, a colour for each of its parts. */
export function phaseChart(title: string, bars: readonly Bar[]): string {
  const names = [...new Set(bars.flatMap(({ parts }) => parts.map(({ name }) => name)))];
  const colourOf = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length] ?? "#8b949e";
  const steps = ticks(Math.max(0, ...bars.flatMap(({ parts }) => parts.map(({ to }) => to))));
  const top = Math.max(steps.at(-1) ?? 1, 1e-9);
  const left = 70;
  const x = (seconds: number) => left + (seconds / top) * (PLOT.right - left - 10);
  const bottom = PLOT.top + bars.length * ROW;
  return picture({ width: SIZE.width, height: bottom + 66, title }, [
    ...steps.flatMap((step) => [
      line(x(step), PLOT.top, x(step), bottom),
      element("text", { x: x(step), y: bottom + 16, "text-anchor": "middle", class: "small" }, `${step} s`),
    ]),
    ...bars.flatMap(({ name, parts }, at) => [
      element("text", { x: 8, y: PLOT.top + at * ROW + 25 }, name),
      ...parts.map((part) =>
        element("rect", {
          x: x(part.from),
          y: PLOT.top + at * ROW + 8,
          width: Math.max(0.5, x(part.to) - x(part.from) - 0.5),
          height: ROW - 16,
          fill: colourOf(part.name),
        }),
      ),
    ]),
    ...legend(
      names.map((name) => ({ name, colour: colourOf(name) })),
      bottom + 44,
      SIZE.width,
    ),
  ]);
}
