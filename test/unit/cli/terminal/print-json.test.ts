import { afterEach, expect, it, vi } from "vitest";
import { printJson } from "../../../../cli/terminal/print.ts";

afterEach(() => vi.restoreAllMocks());

function printed(report: object | readonly object[]): unknown {
  let text = "";
  vi.spyOn(process.stdout, "write").mockImplementation((part) => {
    text += String(part);
    return true;
  });
  printJson(report);
  return JSON.parse(text);
}

it("has the version of its shape, of each entry in a list, and the report's own if it has one", () => {
  expect(printed({ a: 1 })).toEqual({ schema: 1, a: 1 });
  expect(printed({ schema: 2, a: 1 })).toEqual({ schema: 2, a: 1 });
  expect(printed([{ a: 1 }, { a: 2 }])).toEqual([
    { schema: 1, a: 1 },
    { schema: 1, a: 2 },
  ]);
});

it("has no characters that act on a terminal", () => expect(printed({ a: "\u009b2J\u202eb" })).toEqual({ schema: 1, a: "b" }));
