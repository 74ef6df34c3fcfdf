import { describe, expect, it } from "vitest";
import { lastOf, merged } from "../../../../cli/logs/merge.ts";
import { Position } from "../../../../cli/logs/position.ts";
import { ReorderBuffer } from "../../../../cli/logs/reorder-buffer.ts";
import { linesOf, unixTime } from "../../../../hosts/docker/follow.ts";

const at = (second: number): string => `2026-01-31T12:00:${String(second).padStart(2, "0")}.000000000Z`;

async function* listed<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const kept: T[] = [];
  for await (const item of items) kept.push(item);
  return kept;
}

/** As Docker frames one piece of output. */
function frame(text: string, from: 1 | 2 = 1): Buffer {
  const data = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = from;
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

describe("the lines of a container", () => {
  it("come with their time, their side and their text, however the stream is cut", async () => {
    const bytes = Buffer.concat([
      frame("2026-01-31T12:00:01.5Z hello\n"),
      frame("2026-01-31T12:00:02Z \x1b[31mred\n", 2),
      frame("2026-01-31T12:00:03.123456789Z \n"),
    ]);
    const pieces = Array.from({ length: bytes.length }, (_, place) => bytes.subarray(place, place + 1));
    expect(await all(linesOf(listed(...pieces)))).toEqual([
      { at: "2026-01-31T12:00:01.500000000Z", from: "stdout", text: "hello" },
      { at: "2026-01-31T12:00:02.000000000Z", from: "stderr", text: "\x1b[31mred" },
      { at: "2026-01-31T12:00:03.123456789Z", from: "stdout", text: "" },
    ]);
  });

  it("are put together when Docker kept a long one in pieces, each with a time of its own", async () => {
    const pieces = [
      frame("2026-01-31T12:00:01Z one,"),
      frame("2026-01-31T12:00:02Z two,"),
      frame("2026-01-31T12:00:03Z three\n"),
    ];
    expect(await all(linesOf(listed(...pieces)))).toEqual([{ at: at(1), from: "stdout", text: "one,two,three" }]);
  });

  it("include a last one that has no end", async () => {
    expect(await all(linesOf(listed(frame("2026-01-31T12:00:01Z half"))))).toEqual([{ at: at(1), from: "stdout", text: "half" }]);
  });

  it("are asked for to the nanosecond", () => {
    expect(unixTime("1970-01-01T00:00:01.000000001Z")).toBe("1.000000001");
    expect(unixTime("1970-01-01T00:00:01Z")).toBe("1.000000000");
  });
});

describe("several logs in one", () => {
  const lines = (...seconds: readonly number[]) => seconds.map((second) => ({ at: at(second), second }));

  it("are in order of time", async () => {
    const sources = [lines(1, 4, 5), lines(), lines(2, 3, 9)].map((list) => listed(...list));
    expect((await all(merged(sources))).map(({ second }) => second)).toEqual([1, 2, 3, 4, 5, 9]);
  });

  it("are cut to the last ones", async () => {
    const many = Array.from({ length: 5000 }, (_, place) => place);
    expect(await all(lastOf(listed(...many), 2))).toEqual([4998, 4999]);
    expect(await all(lastOf(listed(1, 2), 3))).toEqual([1, 2]);
    expect(await all(lastOf(listed(1, 2), 0))).toEqual([]);
    expect(await all(lastOf(listed(1, 2), undefined))).toEqual([1, 2]);
  });

  it("are put in order as they come, when they come within a moment", async () => {
    const written: number[] = [];
    const window = new ReorderBuffer<{ at: string; second: number }>(async ({ second }) => void written.push(second));
    for (const line of lines(3, 1, 2)) await window.add(line);
    await window.end();
    expect(written).toEqual([1, 2, 3]);
  });
});

describe("a log that is read on after a break", () => {
  const read = (position: Position, ...seconds: readonly number[]): number[] => {
    const isNew = position.reading();
    return seconds.filter((second) => isNew({ at: at(second) }));
  };

  it("has no line twice and none too few", () => {
    const position = new Position();
    expect(read(position, 1, 2, 3)).toEqual([1, 2, 3]);
    expect(position.since).toBe(at(3));
    expect(read(position, 3, 4)).toEqual([4]);
    expect(read(position, 4)).toEqual([]);
    expect(read(position, 4, 5)).toEqual([5]);
  });

  it("distinguishes lines of the same time by their number", () => {
    const position = new Position();
    expect(read(position, 1, 2, 2)).toEqual([1, 2, 2]);
    expect(read(position, 2, 2, 2, 3)).toEqual([2, 3]);
    expect(read(position, 3, 3)).toEqual([3]);
    expect(read(position, 3, 3, 3)).toEqual([3]);
  });
});
