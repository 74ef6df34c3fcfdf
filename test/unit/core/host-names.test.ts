import fc from "fast-check";
import { expect, it } from "vitest";
import { hostNames, inNaturalOrder } from "../../../core/host-names.ts";

const numbered = (count: number, name: (at: number) => string = (at) => `web-${at}`): string[] =>
  Array.from({ length: count }, (_, at) => name(at + 1));

it("puts names in the order that people expect, each once", () => {
  expect(inNaturalOrder(["web-10", "web-9", "jobs-1", "web-10"])).toEqual(["jobs-1", "web-9", "web-10"]);
});

it.each([
  [["web-1"], "web-1"],
  [["web-2", "web-1"], "web-1, web-2"],
  [["web-1", "web-3", "web-5"], "web-1, web-3, web-5"],
  [[...numbered(30), "jobs-1"].reverse(), "jobs-1, web-1 … web-30"],
  [numbered(30).filter((name) => name !== "web-7"), "web-1 … web-6, web-8 … web-30"],
  [numbered(12, (at) => `web-${String(at).padStart(2, "0")}.fra2.example`), "web-01.fra2.example … web-12.fra2.example"],
  [numbered(3, (at) => `203.0.113.${at + 8}`), "203.0.113.9 … 203.0.113.11"],
  // Two numbers change: a range would not say which names it means.
  [["a-1-1", "a-2-2", "a-3-3"], "a-1-1, a-2-2, a-3-3"],
  [["a-1-1", "a-1-2", "a-2-2", "a-3-2"], "a-1-1, a-1-2, a-2-2, a-3-2"],
  [["blue", "green", "red"], "blue, green, red"],
])("names %j as %s", (names, text) => expect(hostNames(names)).toBe(text));

it("names exactly these hosts: every range can be written out again", () => {
  const name = fc.tuple(fc.constantFrom("web", "db"), fc.integer({ min: 0, max: 40 })).map(([word, at]) => `${word}-${at}`);
  fc.assert(
    fc.property(fc.uniqueArray(name), (names) => {
      const written = hostNames(names).split(", ").flatMap(writtenOut);
      expect(written.filter((one) => one !== "")).toEqual(inNaturalOrder(names));
    }),
  );
});

function writtenOut(text: string): string[] {
  const [, word, from, to] = /^(\w+)-(\d+) … \w+-(\d+)$/.exec(text) ?? [];
  if (from === undefined) return [text];
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, at) => `${word}-${Number(from) + at}`);
}
