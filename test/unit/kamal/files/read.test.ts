import { describe, expect, it } from "vitest";
import { readKamal, Unreadable } from "../../../../kamal/files/read.ts";
import { pathText, plainOf } from "../../../../kamal/yaml/tree.ts";

const reading = (files: Readonly<Record<string, string>>, destination?: string) =>
  readKamal("config/deploy.yml", destination, {
    env: {},
    readFile: (path) => files[path],
    git: () => undefined,
    filesIn: () => undefined,
  });

describe("the files of Kamal", () => {
  const BASE = "service: shop\nenv:\n  clear: { A: 1, B: 2 }\n  secret: [X, Y]\nservers: [203.0.113.1]\n";

  it("are merged as Kamal does: maps key by key, lists and values replaced", () => {
    const files = {
      "config/deploy.yml": BASE,
      "config/deploy.staging.yml": "env:\n  clear: { B: 3 }\n  secret: [X]\nservers:\n  web: [203.0.113.2]\n",
    };
    const { root, replaced } = reading(files, "staging");
    expect(plainOf(root)).toEqual({
      service: "shop",
      env: { clear: { A: 1, B: 3 }, secret: ["X"] },
      servers: { web: ["203.0.113.2"] },
    });
    expect(replaced.map(({ path, at, by, without }) => [pathText(path), at.line, by.line, without])).toEqual([
      ["env.clear.B", 3, 2, []],
      ["env.secret[0]", 4, 3, ["Y"]],
      ["env.secret[1]", 4, 3, []],
      ["servers[0]", 5, 4, ["203.0.113.1"]],
    ]);
  });

  it("know their destination", () => {
    const files = { "config/deploy.yml": 'service: shop-<%= ENV["KAMAL_DESTINATION"] %>', "config/deploy.eu.yml": "image: shop" };
    expect(plainOf(reading(files, "eu").root)).toEqual({ service: "shop-eu", image: "shop" });
  });

  it("read the secrets that belong to the destination, and those of all", () => {
    const files = {
      "config/deploy.yml": "service: shop",
      "config/deploy.eu.yml": "image: shop",
      ".kamal/secrets": "A=$A",
      ".kamal/secrets-common": "B=$B",
      ".kamal/secrets.eu": "C=$C",
    };
    expect(reading(files).secrets.map(({ name }) => name)).toEqual(["B", "A"]);
    expect(reading(files, "eu").secrets.map(({ name }) => name)).toEqual(["B", "C"]);
  });

  it("read .env, as Kamal 1 does, where there are no others", () => {
    const files = {
      "config/deploy.yml": "service: shop",
      "config/deploy.eu.yml": "image: shop",
      ".env": "A=1",
      ".env.eu": "B=2",
    };
    expect(reading(files).secrets.map(({ name }) => name)).toEqual(["A"]);
    expect(reading(files, "eu").secrets.map(({ name }) => name)).toEqual(["A", "B"]);
    expect(reading({ ...files, ".kamal/secrets": "C=3" }).secrets.map(({ name }) => name)).toEqual(["C"]);
  });

  it("find hooks, and the line in which one calls Kamal", () => {
    const files = {
      "config/deploy.yml": "service: shop",
      ".kamal/hooks/pre-deploy": "#!/bin/sh\n# kamal runs this\nkamal app exec 'x'\n",
      ".kamal/hooks/post-deploy": "#!/bin/sh\ncurl x\n",
      ".kamal/hooks/pre-build.sample": "x",
    };
    expect(reading(files).hooks.map(({ name, callsKamal }) => [name, callsKamal])).toEqual([
      ["pre-deploy", 3],
      ["post-deploy", undefined],
    ]);
  });

  it("note a key that is written twice", () => {
    const { root, repeated } = reading({ "config/deploy.yml": "service: a\nimage: x\nservice: b\n" });
    expect(plainOf(root)).toEqual({ service: "b", image: "x" });
    expect(repeated).toEqual([expect.objectContaining({ key: "service", by: { file: "config/deploy.yml", line: 3 } })]);
  });

  it.each([
    [{}, "there is no file config/deploy.yml"],
    [
      { "config/deploy.yml": "a: 1\n b: [\n" },
      "config/deploy.yml:1 is not YAML: Nested mappings are not allowed in compact mappings",
    ],
    [{ "config/deploy.yml": "- a\n" }, "config/deploy.yml:1 is not YAML: should be a map of keys"],
    [{ "config/deploy.yml": "a: *nothing\n" }, "config/deploy.yml:1 is not YAML: "],
  ])("that cannot be read say why: %j", (files, message) => {
    expect(() => reading(files)).toThrow(Unreadable);
    expect(() => reading(files)).toThrow(message);
  });
});
