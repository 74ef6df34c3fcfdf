/** Text and lines in one colour for a light and one for a dark page; the page's own background shines through. */
const STYLE = `
  text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 14px }
  .small { font-size: 11px; fill: #59636e }
  .grid { stroke: #d1d9e0 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9198a1 }
    .grid { stroke: #3d444d }
  }`;

type Attributes = Readonly<Record<string, string | number>>;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);

/** @example element("text", { x: 4, y: 12 }, "1 host") */
export function element(name: string, attributes: Attributes, text?: string): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? pixels(value) : escaped(value)}"`,
  );
  return text === undefined ? `<${name}${written.join("")}/>` : `<${name}${written.join("")}>${escaped(text)}</${name}>`;
}

/** A picture with a title, which is also what a screen reader reads. */
export function picture(
  { width, height, title }: { width: number; height: number; title: string },
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${pixels(width)} ${pixels(height)}" width="${pixels(width)}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    element("text", { x: 8, y: 20, class: "title" }, title),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

export const line = (x1: number, y1: number, x2: number, y2: number): string =>
  element("line", { x1, y1, x2, y2, class: "grid" });

/** A coloured square and a name for each series, in rows that fit. */
export function legend(series: readonly { name: string; colour: string }[], y: number, width: number): string[] {
  let [x, row] = [8, 0];
  return series.flatMap(({ name, colour }) => {
    const wide = 30 + name.length * 6.6;
    if (x + wide > width && x > 8) [x, row] = [8, row + 1];
    const at = { x, y: y + row * 18 };
    x += wide;
    return [
      element("rect", { x: at.x, y: at.y - 9, width: 10, height: 10, rx: 2, fill: colour }),
      element("text", { x: at.x + 15, y: at.y }, name),
    ];
  });
}

/** Steps of an axis from 0 to at least `most`: 1, 2 or 5 times a power of ten, five to ten of them. @example ticks(7.3) // [0, 1, … 8] */
export function ticks(most: number): number[] {
  const rough = Math.max(most, 1e-9) / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, at) => Number((at * step).toPrecision(6)));
}

const pixels = (value: number): string => String(Math.round(value * 10) / 10);
