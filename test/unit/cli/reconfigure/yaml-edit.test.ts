import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, parseDocument, stringify } from "yaml";
import { edit, editAround } from "../../../../cli/reconfigure/yaml-edit.ts";

const FILE = `# ours
encryptionsalt: v1:abc
config:
  slipway:service: shop # the name
  slipway:image: shop:2

  # how many
  slipway:env:
    clear:
      COLOR: "blue"   # a colour
      MODE: 0644
      ID: 123456789012345678
      BIG: 1e3
      PLUS: +1
    secret: [TOKEN]
  slipway:text: |
    two
    lines
  slipway:servers:
    web:
      hosts:
        - 203.0.113.10   # first
`;

const set = (path: string, to: unknown) => ({ path: ["config", ...path.split(".")], to });
const remove = (path: string) => ({ path: ["config", ...path.split(".")] });

describe("an edit of a stack's file", () => {
  it("changes the bytes of the value alone", () => {
    expect(edit(FILE, [set("slipway:image", "shop:1@sha256:aa")])).toBe(FILE.replace("shop:2", '"shop:1@sha256:aa"'));
    expect(edit(FILE, [set("slipway:env.clear.COLOR", "red")])).toBe(FILE.replace('"blue"', '"red"'));
    expect(edit(FILE, [set("slipway:env.secret", ["A", "B"])])).toBe(FILE.replace("[TOKEN]", '["A", "B"]'));
    expect(edit(FILE, [set("slipway:text", "one")])).toBe(FILE.replace("|\n    two\n    lines", '"one"'));
    expect(edit(FILE, [remove("slipway:env.clear.MODE")])).toBe(FILE.replace("      MODE: 0644\n", ""));
    expect(edit(FILE, [remove("slipway:env")])).toBe(FILE.replace(/ {2}slipway:env:\n(?: {4}.*\n)+/, ""));
  });

  it("adds what is missing at the end of its map", () => {
    expect(edit(FILE, [set("slipway:env.clear.NEW", "n")])).toBe(FILE.replace("PLUS: +1\n", 'PLUS: +1\n      NEW: "n"\n'));
    expect(edit(FILE, [set("slipway:proxy", { app_port: 3000, hosts: ["a"], ssl: { redirect: false } })])).toBe(
      `${FILE}  slipway:proxy:\n    app_port: 3000\n    hosts: ["a"]\n    ssl:\n      redirect: false\n`,
    );
    expect(edit(FILE, [set("slipway:servers.jobs.hosts", [])])).toBe(`${FILE}    jobs:\n      hosts: []\n`);
    expect(edit("a: b\n", [set("x", 1)])).toBe("a: b\nconfig:\n  x: 1\n");
    expect(edit("", [set("x", 1)])).toBe("config:\n  x: 1\n");
    expect(edit("config: # mine\n", [set("x", 1)])).toBe("config: # mine\n  x: 1\n");
    expect(edit("config:\n  a: b", [set("x", 1)])).toBe("config:\n  a: b\n  x: 1");
  });

  it("keeps braces where there are braces", () => {
    expect(edit("config: {a: 1, b: x , c: {}}\n", [set("b", "y"), set("c.d", true), set("e", 2)])).toBe(
      'config: {a: 1, b: "y" , c: {d: true}, e: 2}\n',
    );
    expect(edit("config: {a: 1, b: 2, c: 3}\n", [remove("b")])).toBe("config: {a: 1, c: 3}\n");
    expect(edit("config: {a: 1, b: 2}\n", [remove("a")])).toBe("config: {b: 2}\n");
    expect(edit("config: {a: 1}\n", [remove("a")])).toBe("config: {}\n");
  });

  it("puts a map in the place of a text and a text in the place of a map, and keeps the comment beside it", () => {
    expect(edit("config:\n  a: old # c\n  b: 1\n", [set("a", { x: "y" })])).toBe('config:\n  a: # c\n    x: "y"\n  b: 1\n');
    expect(edit("config:\n  a: # c\n    x: y\n  b: 1\n", [set("a", "t")])).toBe('config:\n  a: "t" # c\n  b: 1\n');
    expect(edit("config:\n  a:\n    x: y\n  b: 1\n", [remove("a.x")])).toBe("config:\n  a: {}\n  b: 1\n");
    expect(edit("config:\n  a:\n  b: 1\n", [set("a.x", "y")])).toBe('config:\n  a:\n    x: "y"\n  b: 1\n');
  });

  it("keeps the line ends of Windows", () => {
    const dos = FILE.replaceAll("\n", "\r\n");
    const edited = edit(dos, [set("slipway:env.clear.COLOR", "red"), set("slipway:new", { a: "b" }), remove("slipway:text")]);
    expect(edited.replaceAll("\r\n", "")).not.toContain("\n");
    expect(edited).toContain('slipway:new:\r\n    a: "b"\r\n');
  });

  it.each(["2024-01-31", "10_000", "0b11", "-0x1F", "-0o17", "1_", "685_230.15", "0644", "yes", "null", "~", "1e3", "", " a "])(
    "writes the text %j in double quotes",
    (text) => {
      expect(edit("config:\n  a: plain\n", [set("a", text), set("b", text)])).toBe(
        `config:\n  a: ${JSON.stringify(text)}\n  b: ${JSON.stringify(text)}\n`,
      );
    },
  );

  it("escapes what a reader of YAML 1.1 takes for a line break", () => {
    expect(edit("config:\n  a: b\n", [set("a", "x\u2028y\u2029z\u0085\n")])).toBe(
      'config:\n  a: "x\\u2028y\\u2029z\\u0085\\n"\n',
    );
  });

  it("finds a key with and without quotes, and writes one with quotes that could be a number or a word", () => {
    expect(edit('config:\n  "1": a\n', [set("1", "b")])).toBe('config:\n  "1": "b"\n');
    expect(edit("config:\n  a: b\n", [set("on", "b"), set("1", "b")])).toBe('config:\n  a: b\n  "on": "b"\n  "1": "b"\n');
  });

  it.each([
    ["an alias", "config:\n  a: &x {m: 1}\n  b: *x\n", "the anchor &x"],
    ["an anchor that nothing uses", "config:\n  a: &x 1\n", "the anchor &x"],
    ["a merge key", "base: {m: 1}\nconfig:\n  b:\n    <<: {m: 1}\n", "the merge key <<"],
    ["a tag", "config:\n  a: !!str 1\n", "the tag tag:yaml.org,2002:str"],
    ["two keys of one name", "config:\n  a: 1\n  a: 2\n", "Map keys must be unique"],
    ["two documents", "config:\n  a: 1\n---\nb: 2\n", "multiple documents"],
  ])("refuses %s in a sentence", (_what, text, why) => {
    expect(() => edit(text, [set("c", 1)], "stacks/Pulumi.prod.yaml")).toThrow(
      new RegExp(`^stacks/Pulumi.prod.yaml uses YAML that this command does not edit: .*${why.replace("&", "&")}`),
    );
  });

  it("sets and removes any value in any file, however it is printed, and all others are read as before", () => {
    const key = fc.constantFrom("a", "b", "slipway:c", "1", "on", "with space");
    const leaf = fc.oneof(fc.string({ unit: "grapheme" }), fc.constant("line\n  line \nend\n"), fc.integer(), fc.boolean());
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(
        key,
        fc.oneof({ depthSize: "small" }, leaf, fc.array(fc.oneof(leaf, tie("tree")), { maxLength: 2 }), tie("tree")),
        { maxKeys: 3 },
      ),
    }));
    const style = fc.record({
      indent: fc.constantFrom(2, 4),
      indentSeq: fc.boolean(),
      collectionStyle: fc.constantFrom("any" as const, "block" as const, "flow" as const),
      defaultStringType: fc.constantFrom(
        "PLAIN" as const,
        "QUOTE_DOUBLE" as const,
        "QUOTE_SINGLE" as const,
        "BLOCK_FOLDED" as const,
      ),
      eol: fc.constantFrom("\n", "\r\n"),
      comment: fc.boolean(),
    });
    const path = fc.array(key, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(tree, path, fc.oneof(leaf, tree), style, (before, path, to, { eol, comment, ...style }) => {
        const printed = stringify({ first: 1, config: before, last: "x" }, style);
        const commented = comment ? printed.replaceAll(/(?<=: "[^"\n]*"|: \d+)\n/g, " # why\n") : printed;
        // A text of several lines may have its own line ends: these files have one kind.
        const text = commented.replaceAll("\n", eol);
        // The printer of the library has its own faults.
        fc.pre(parseDocument(text).errors.length === 0);
        const was = parse(text) as { config: Record<string, unknown> };
        let inner: unknown = was.config;
        for (const part of path.slice(0, -1)) inner = isRecord(inner) ? (inner[part] ?? {}) : undefined;
        fc.pre(isRecord(inner));
        const edited = edit(text, [{ path: ["config", ...path], to }]);
        expect(parse(edited)).toEqual({ ...was, config: withValue(was.config, path, to) });
        if (eol === "\r\n") expect(edited.replaceAll("\r\n", "")).not.toContain("\n");
        const removed = edit(edited, [{ path: ["config", ...path] }]);
        expect(parse(removed)).toEqual({ ...was, config: withValue(was.config, path, undefined) });
      }),
      { numRuns: 400 },
    );
  });
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function withValue(map: unknown, [key = "", ...rest]: readonly string[], to: unknown): unknown {
  const copy: Record<string, unknown> = isRecord(map) ? { ...map } : {};
  if (rest.length > 0) copy[key] = withValue(copy[key], rest, to);
  else if (to === undefined) delete copy[key];
  else copy[key] = to;
  return copy;
}

describe("an edit of a file with anchors", () => {
  const ANCHORED = `x-env: &env # shared
  A: "1"
config:
  slipway:env:
    clear:
      <<: *env
      B: "2"
  slipway:servers:
    web: &web
      hosts: [203.0.113.10] # first
    worker:
      hosts:
        - web-1 # the same
      cmd: !!str bin/jobs
`;

  it("changes what is beside them, and nothing else", () => {
    const edited = editAround(ANCHORED, [
      set("slipway:servers.web.cmd", "bin/web"),
      { path: ["config", "slipway:servers", "web", "hosts"], append: "203.0.113.11" },
      { path: ["config", "slipway:servers", "worker", "hosts"], append: "web-2" },
      { path: ["config", "slipway:servers", "jobs", "hosts"], append: "web-1" },
      set("slipway:env.clear.B", "3"),
    ]);
    expect(edited).toBe(
      ANCHORED.replace("[203.0.113.10] # first\n", '[203.0.113.10, "203.0.113.11"] # first\n      cmd: "bin/web"\n')
        .replace("- web-1 # the same\n", '- web-1 # the same\n        - "web-2"\n')
        .replace("bin/jobs\n", 'bin/jobs\n    jobs:\n      hosts: ["web-1"]\n')
        .replace('B: "2"', 'B: "3"'),
    );
  });

  it.each([
    ["a key beside a merge", set("slipway:env.clear.C", "4"), "the merge key <<"],
    ["what an alias is", { path: ["config", "a"], to: 1 }, "the alias *web"],
    ["what an alias is used for", { path: ["x", "y"], to: 1 }, "the anchor &web, which is used elsewhere"],
  ])("refuses %s", (_, change, message) => {
    const text = `x: &web { y: 2 }\n${ANCHORED.replace("web: &web\n", "web:\n")}  a: *web\n`;
    expect(() => editAround(text, [change])).toThrow(message);
  });

  it("appends to a list at the end of a file without a line break, and with those of Windows", () => {
    expect(editAround("a:\r\n  - b\r\n  - c", [{ path: ["a"], append: "d" }])).toBe('a:\r\n  - b\r\n  - c\r\n  - "d"');
    expect(editAround("a: []\n", [{ path: ["a"], append: "d" }])).toBe('a: ["d"]\n');
  });
});
