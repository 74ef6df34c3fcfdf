import { describe, expect, it } from "vitest";
import { parseDotenv } from "../../../core/dotenv.ts";

const text = (own: string) => ({ kind: "text", text: own });
const partsOf = (written: string) => parseDotenv(written).map(({ parts }) => parts);

describe("a file of dotenv, as Ruby's dotenv 3 reads it", () => {
  it.each([
    ["A=plain", [text("plain")]],
    ["A = spaced  ", [text("spaced")]],
    ["A: yaml", [text("yaml")]],
    ["A=", []],
    ['A=""', []],
    ["A=one two # comment", [text("one two")]],
    ["A=be#fore", [text("be")]],
    ["A='$B # \\n'", [text("$B # \\n")]],
    ['A="x # y" # comment', [text("x # y")]],
    ["A='a' # 'b'", [text("a")]],
    ['A="line 1\nline 2"', [text("line 1\nline 2")]],
    ['A="no\\nbreak"', [text("no\\nbreak")]],
    ['A="q\\"q \\$B \\\\"', [text('q"q $B \\')]],
    ["A=100%$", [text("100%$")]],
    ["A=\\$B", [text("$B")]],
    ["A=x$B-${C}y", [text("x"), variable("B", "$B"), text("-"), variable("C", "${C}"), text("y")]],
    ["A=${B:-a b}", [variable("B", "${B:-a b}", "a b")]],
    ["A=$(a ')' \"$(b)\" | c) # comment", [{ kind: "command", command: "a ')' \"$(b)\" | c" }]],
    ['A="$(op read \\"x\\" "y")"', [{ kind: "command", command: 'op read "x" "y"' }]],
    ["A=$(a \\\n  b)", [{ kind: "command", command: "a \\\n  b" }]],
  ])("%j", (written, parts) => {
    expect(partsOf(written)).toEqual([parts]);
  });

  it("loses no line after a value that is not closed", () => {
    expect(parseDotenv('A="open\nB=$(open\nC=x').map(({ name, line }) => [name, line])).toEqual([
      ["A", 1],
      ["B", 2],
      ["C", 3],
    ]);
  });
});

function variable(name: string, written: string, fallback?: string) {
  return { kind: "variable", name, fallback, written };
}
