import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { evaluate } from "../../../kamal/ruby/expression.ts";
import { render } from "../../../kamal/ruby/template.ts";
import { parse } from "../../../kamal/yaml/document.ts";
import { plainValue } from "../../../kamal/yaml/psych.ts";
import { leavesOf, pathText, plainOf } from "../../../kamal/yaml/tree.ts";
import { CONFIGS, importOf } from "./corpus.ts";

/**
 * What Ruby 3.1 with Psych 4.0.3 made of these texts (read-by-ruby.rb): `Psych::ScalarScanner#tokenize` of the scalars, `ERB` with trim mode `-` and
 * `YAML.unsafe_load` of the templates (`A` is `va`), and the same, with ActiveSupport's `deep_merge`, of every config of the corpus.
 */
const byRuby = z
  .object({
    scalars: z.array(z.tuple([z.string(), z.string(), z.string()])),
    templates: z.array(z.object({ template: z.string(), text: z.string(), value: z.unknown() })),
    configs: z.record(z.string(), z.unknown()),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "read-by-ruby.json"), "utf8")));

const around = { env: { A: "va" }, readFile: () => undefined, git: () => undefined, filesIn: () => undefined };

describe("Ruby's YAML", () => {
  it.each(byRuby.scalars)("reads %s as a %s, which prints as %s", (text, is, printed) => {
    const value = plainValue(text);
    expect(value.is).toBe(is);
    // How a time is printed depends on the machine.
    if (is !== "time") expect(value.text).toBe(printed);
  });

  it.each(byRuby.templates.map((one) => [one.template, one] as const))(
    "and ERB make the same of %j",
    (template, { text, value }) => {
      const rendered = render(template, "deploy.yml", around);
      expect(rendered.text).toBe(text);
      expect(plainOf(parse(rendered, "deploy.yml").root)).toEqual(value);
    },
  );

  it.each(CONFIGS)(
    "and ERB make the same of the corpus' %s %s, but for commands that an import does not run",
    (folder, destination) => {
      const { name, config } = importOf(folder, destination);
      const commands = leavesOf(config.root).filter(({ node }) => node.kind === "scalar" && node.isUnknown);
      expect(commands.every(({ path }) => pathText(path) === "registry.password")).toBe(true);
      const ours = JSON.stringify(plainOf(config.root), (key, value) => (commands.length > 0 && key === "password" ? "" : value));
      const theirs = JSON.stringify(byRuby.configs[name], (key, value) =>
        commands.length > 0 && key === "password" ? "" : value,
      );
      expect(JSON.parse(ours)).toEqual(JSON.parse(theirs));
    },
  );
});

describe("the Ruby of a template", () => {
  const env = { HOST: "203.0.113.5", EMPTY: "" };
  const surroundings = {
    env,
    filesIn: () => undefined,
    readFile: (path: string) => (path === ".ruby-version" ? "3.4.1\n" : undefined),
    git: (args: readonly string[]) => (args[0] === "rev-parse" ? "3f1c9e0" : undefined),
  };
  const evaluateCode = (code: string) => evaluate(code, new Map(), surroundings);

  it.each([
    ['ENV["HOST"]', "203.0.113.5", ["env HOST"]],
    ['ENV.fetch("HOST")', "203.0.113.5", ["env HOST"]],
    ['ENV.fetch("NONE", "d")', "d", []],
    ['ENV["NONE"] || "d"', "d", []],
    ['ENV["NONE"].to_s.empty? ? "e" : "f"', "e", []],
    ['ENV["NONE"]', null, ["unset NONE"]],
    ['ENV.fetch("NONE")', null, ["unset NONE"]],
    ['"redis://#{ENV["NONE"]}:6379"', "redis://:6379", ["unset NONE"]],
    ["File.read('.ruby-version').strip", "3.4.1", ["file .ruby-version"]],
    ["File.read('.node-version').strip", null, ["missing .node-version"]],
    ["`git rev-parse --short HEAD`.strip", "3f1c9e0", ["git git rev-parse --short HEAD"]],
    ["%x(git rev-parse HEAD 2>/dev/null).chomp", "3f1c9e0", ["git git rev-parse HEAD"]],
    ["`git describe --tags`", null, ["command git describe --tags"]],
    ["`git rev-parse HEAD; rm -rf x`", null, ["command git rev-parse HEAD; rm -rf x"]],
    ["%x(aws ecr get-login-password)", null, ["command aws ecr get-login-password"]],
    ['ENV["HOST"] || %x(hostname)', "203.0.113.5", ["env HOST"]],
    ["YAML.load_file('x.yml')", null, ["ruby YAML.load_file('x.yml')"]],
    ['ENV["HOST"].tr(".", "-")', null, ["env HOST", 'ruby ENV["HOST"].tr(".", "-")']],
  ])("%s is %j, of %j", (code, value, origins) => {
    const evaluated = evaluateCode(code);
    const named = evaluated.origins.map((origin) => Object.values(origin).join(" "));
    // What was read before Ruby was not understood is of no use.
    expect(evaluated.value).toBe(value);
    expect(named.at(-1)).toEqual(origins.at(-1));
  });

  it("puts a mark in the place of what is unknown, and goes on", () => {
    const { root } = parse(render('a: <%= ENV["NONE"] %>:80\nb: "<%= foo(1) %>"\n', "deploy.yml", surroundings), "deploy.yml");
    expect(plainOf(root)).toEqual({ a: "<NONE>:80", b: "<foo 1>" });
  });

  it("says in which line Ruby is that an import does not run, and takes conditions with it as true", () => {
    const template =
      'a: 1\n<% hosts = YAML.load_file("h.yml") %>\n<% hosts.each do |host| %>\nb: <%= host %>\n<% end %>\n<% if hosts.any? %>\nc: 2\n<% end %>\nd: 3\n';
    const rendered = render(template, "deploy.yml", surroundings);
    expect(rendered.noted.map(({ at, isRefused }) => [at.line, isRefused])).toEqual([
      [3, true],
      [6, true],
    ]);
    expect(Object.keys(plainOf(parse(rendered, "deploy.yml").root) as object)).toEqual(["a", "b", "c", "d"]);
  });

  it("notes which lines are left out by a condition that does not hold", () => {
    const { noted, text } = render('a: 1\n<% if ENV["NONE"] %>\nb: 2\n<% end %>\n', "deploy.yml", surroundings);
    expect(text).not.toContain("b: 2");
    expect(noted).toEqual([
      expect.objectContaining({ at: { file: "deploy.yml", line: 2 }, isRefused: false, code: 'if ENV["NONE"]' }),
    ]);
  });

  it("keeps the line of the file for each value", () => {
    const template = '<%\n  x = 1\n%>\na: 1\n<%- if true -%>\nb: 2\n<%- end -%>\nc: <%= "l1" %>\nd: 4\n';
    const { root } = parse(render(template, "deploy.yml", surroundings), "deploy.yml");
    expect(root.entries.map(({ key, at }) => [key, at.line])).toEqual([
      ["a", 4],
      ["b", 6],
      ["c", 8],
      ["d", 9],
    ]);
  });

  it("reads .env where the gem dotenv does", () => {
    const withFile = {
      ...surroundings,
      readFile: (path: string) => (path === ".env" ? "IP=203.0.113.9\nHOST='x'\n" : undefined),
    };
    const { text } = render(
      '<% require "dotenv"; Dotenv.load(".env") %>\na: <%= ENV["IP"] %>\nb: <%= ENV["HOST"] %>\n',
      "deploy.yml",
      withFile,
    );
    expect(text).toBe("\na: 203.0.113.9\nb: 203.0.113.5\n");
  });
});
