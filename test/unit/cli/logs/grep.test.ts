import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { type Grep, type GrepFlags, grepOf, grepOptions, LineFilter, pattern } from "../../../../cli/logs/grep.ts";

const PLAIN: Omit<Grep, "pattern"> = { ignoreCase: false, invert: false, before: 0, after: 0 };

describe("what is searched in logs", () => {
  it.each<[GrepFlags, Partial<Grep>]>([
    [{ grep: "error" }, {}],
    [
      { grep: "error", ignoreCase: true, invert: true },
      { ignoreCase: true, invert: true },
    ],
    [
      { grep: "error", context: 2 },
      { before: 2, after: 2 },
    ],
    [
      { grep: "error", grepOptions: grepOptions("-i -C 2") },
      { ignoreCase: true, before: 2, after: 2 },
    ],
    [
      { grep: "error", grepOptions: grepOptions("-B5 -A 1") },
      { before: 5, after: 1 },
    ],
    [
      { grep: "error", grepOptions: grepOptions("-ivEA3") },
      { ignoreCase: true, invert: true, after: 3 },
    ],
    [
      { grep: "error", grepOptions: grepOptions("-C 4 -A 1") },
      { before: 4, after: 1 },
    ],
    [
      { grep: "error", grepOptions: {}, context: 1 },
      { before: 1, after: 1 },
    ],
  ])("is read from %j", (flags, read) => {
    expect(grepOf(flags)).toEqual({ ...PLAIN, pattern: "error", ...read });
  });

  it("is nothing without a pattern, and how to search it alone is refused", () => {
    expect(grepOf({})).toBeUndefined();
    expect(() => grepOf({ invert: true })).toThrow(/add --grep/);
    expect(() => grepOf({ context: 0 })).toThrow(/add --grep/);
  });

  it.each(["-x", "-c", "-A", "-A x", "-C 123456", "i", "--ignore-case", "-i -", "-iz"])("refuses the flags %s", (flags) => {
    expect(() => grepOptions(flags)).toThrow(InvalidArgumentError);
  });

  it("says why a pattern is no regular expression", () => {
    expect(() => pattern("GET /(up")).toThrow("It is no regular expression: Unterminated group");
    expect(pattern("GET /(up|healthz)$")).toBe("GET /(up|healthz)$");
  });
});

describe("the lines that are shown", () => {
  const LINES = ["a", "b", "Error 1", "c", "error 2", "d", "e", "f"].map((text) => ({ text }));
  const shown = (grep: Partial<Grep>): string[] => {
    const filter = new LineFilter({ ...PLAIN, pattern: "^error", ...grep });
    return LINES.flatMap((line) => filter.add(line)).map(({ text }) => text);
  };

  it.each<[string, Partial<Grep>, string[]]>([
    ["match", {}, ["error 2"]],
    ["match in any case", { ignoreCase: true }, ["Error 1", "error 2"]],
    ["do not match", { ignoreCase: true, invert: true }, ["a", "b", "c", "d", "e", "f"]],
    ["match, and those after them", { after: 2 }, ["error 2", "d", "e"]],
    ["match, and those before them", { before: 2 }, ["Error 1", "c", "error 2"]],
    [
      "match, and those around them, each once",
      { ignoreCase: true, before: 2, after: 1 },
      ["a", "b", "Error 1", "c", "error 2", "d"],
    ],
  ])("%s", (_case, grep, lines) => {
    expect(shown(grep)).toEqual(lines);
  });
});
