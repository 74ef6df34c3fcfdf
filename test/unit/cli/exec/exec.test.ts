import { describe, expect, it } from "vitest";
import { programOf } from "../../../../cli/exec/command-line.ts";
import { environmentOf, withVariables } from "../../../../cli/exec/environment.ts";
import { requireMode } from "../../../../cli/exec/mode.ts";

describe("the command of slipway exec", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["a line in one word", ["bin/rails db:migrate"], ["sh", "-c", "bin/rails db:migrate"]],
    ["a line with a pipe", ["ls /data | wc -l"], ["sh", "-c", "ls /data | wc -l"]],
    ["a line over several lines", ["set -e\nls"], ["sh", "-c", "set -e\nls"]],
    ["a program alone", ["bin/boot"], ["bin/boot"]],
    ["a program in blanks", [" bin/boot "], [" bin/boot "]],
    ["several words, one of which has a blank", ["echo", "a b"], ["echo", "a b"]],
  ])("is %s", (_case, words, program) => {
    expect(programOf(words)).toEqual(program);
  });
});

describe("a variable of slipway exec", () => {
  const own = { TOKEN: "sesame" };

  it.each<[string, Readonly<Record<string, string>>]>([
    ["KEY=value", { KEY: "value" }],
    ["KEY:value", { KEY: "value" }],
    ["KEY=", { KEY: "" }],
    ["URL=postgres://db:5432/shop", { URL: "postgres://db:5432/shop" }],
    ["URL:postgres://db?a=b", { URL: "postgres://db?a=b" }],
    ["LINES=one\ntwo", { LINES: "one\ntwo" }],
    ["TOKEN", { TOKEN: "sesame" }],
  ])("is read from %j", (text, read) => {
    expect(environmentOf([text], own)).toEqual(read);
  });

  it("is one of several, and the last of a name counts", () => {
    expect(environmentOf(["A=1", "B=2", "B:3"], own)).toEqual({ A: "1", B: "3" });
  });

  it("is refused without a name, or where this shell has none, and its value is not printed", () => {
    expect(() => environmentOf(["MY-KEY=sesame"], own)).toThrow(/no valid name/);
    expect(() => environmentOf(["MY-KEY=sesame"], own)).not.toThrow(/sesame/);
    expect(() => environmentOf(["OTHER"], own)).toThrow("OTHER is not set in this shell");
  });

  it("replaces the container's own", () => {
    expect(withVariables(["PATH=/bin", "KEY=old", "KEYS=1"], { KEY: "new" })).toEqual(["PATH=/bin", "KEYS=1", "KEY=new"]);
  });
});

describe("a detached command", () => {
  it.each<[string, Parameters<typeof requireMode>[0], RegExp]>([
    ["with a terminal", { detach: true, interactive: true, several: false }, /neither a terminal/],
    ["with a stdin", { detach: true, raw: true, several: false }, /neither a terminal/],
    ["in the live container", { detach: true, reuse: true, several: false }, /ends with that container/],
  ])("is refused %s", (_case, mode, why) => {
    expect(() => requireMode(mode)).toThrow(why);
  });

  it("may be on several hosts", () => {
    expect(() => requireMode({ detach: true, several: true })).not.toThrow();
  });
});
