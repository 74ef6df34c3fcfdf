import type { Cell } from "./cell.ts";
import type { Fault } from "./fault.ts";
import { nameOf, type Point } from "./point.ts";
import type { Stage } from "./stage.ts";

/** Every point of one change, in the order in which a run without a fault came to them. */
export async function discover(stage: Stage): Promise<Point[]> {
  const points: Point[] = [];
  await stage.advance(async (point) => {
    points.push(point);
    if (point.moment === "before") points.push({ ...point, moment: "during" });
    return undefined;
  });
  return points;
}

/** Every point × every fault that can make a difference there. */
export const cellsOf = (points: readonly Point[], faults: readonly Fault[]): Cell[] =>
  faults.flatMap((fault) => points.filter((point) => fault.concerns(point)).map((point) => ({ point, fault })));

/** As many cells of each fault, chosen and ordered by the seed alone. Hosts do not renumber the choice by being faster or slower. */
export function sample(points: readonly Point[], faults: readonly Fault[], seed: number, ofEach: number): Cell[] {
  const random = mulberry32(seed);
  const sorted = [...points].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const chosen = faults.flatMap((fault) => shuffled(cellsOf(sorted, [fault]), random).slice(0, ofEach));
  return shuffled(chosen, random);
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/** A small generator whose whole state is its seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
