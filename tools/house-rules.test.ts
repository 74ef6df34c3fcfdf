import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { filesOf, offences } from "./house-rules.ts";

const rules = (file: string, text: string): string[] => offences(file, text).map(({ line, rule }) => `${line}: ${rule}`);

describe("the house rules", () => {
  it("name a listed word with its line and what to write instead", () => {
    expect(rules("docs/page.md", "One.\nThe proxy is started Anew.\n")).toEqual(['2: "Anew": again, re-create']);
  });

  it("find a listed word in code, in a comment and in a text", () => {
    const text = 'const said = "nobody asked";\n// Nobody reads this.\nconst tells = 1;\n';
    expect(offences("core/a.ts", text).map(({ line }) => line)).toEqual([1, 2, 3]);
  });

  it("leave alone what only contains one", () => {
    expect(rules("core/a.ts", "const understands = recommended(standstill);\n")).toEqual([]);
  });

  it("leave alone the account of that name in a passwd file", () => {
    expect(rules("lab/a.ts", 'const passwd = "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin";\n')).toEqual([]);
    expect(rules("lab/a.ts", "// nobody: unused\n")).toHaveLength(1);
  });

  it("refuse a literal that is spread into another, and no other spread", () => {
    expect(rules("core/a.ts", "const a = { ...{ b: 1 }, ...rest };\n")).toEqual([
      "1: a literal spread into a literal: write its keys",
    ]);
    expect(rules("core/a.ts", "const a = { ...(on ? { b: 1 } : {}), ...rest };\n")).toEqual([]);
  });

  it("refuse a file of more than 350 lines, but not a long page", () => {
    expect(rules("core/a.ts", "a;\n".repeat(351))).toEqual(["351: 351 lines, 350 at most: which noun can leave?"]);
    expect(rules("core/a.ts", "a;\n".repeat(350))).toEqual([]);
    expect(rules("docs/page.md", "a\n".repeat(400))).toEqual([]);
  });
});

describe("the files that the house rules read", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-rules-"));
    execFileSync("git", ["init", "--quiet", root]);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("are those that git has or would add, without the records of others", () => {
    for (const file of ["new.ts", "CHANGELOG.md", "ignored.ts", "picture.png"]) writeFileSync(join(root, file), "");
    writeFileSync(join(root, ".gitignore"), "ignored.ts\n");
    expect(filesOf(root)).toEqual(["new.ts"]);
  });
});
