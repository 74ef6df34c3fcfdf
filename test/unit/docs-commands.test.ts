import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { program } from "../../cli/program.ts";
import { commandsIn, commandsOn, shellIn, workflowsIn } from "../support/docs-commands.ts";

const DOCS = readdirSync(join(import.meta.dirname, "..", "..", "docs")).filter((name) => name.endsWith(".md"));
const PAGES = ["README.md", ...DOCS.map((name) => `docs/${name}`)];

/** What is wrong with a command line, by the definition that `slipway` itself reads it with. */
async function faultOf(words: readonly string[]): Promise<string | undefined> {
  const [, ...line] = words;
  // Read before the command, as `run` of cli/program.ts does.
  const args = line[0] === "-C" ? line.slice(2) : line;
  // Its arguments are Pulumi's.
  if (args[0] === "pulumi") return undefined;
  const end = args.indexOf("--");
  const known = end < 0 ? args : args.slice(0, end);
  let command: Command = await program(known);
  let rest = known;
  for (let inner = subcommand(command, rest); inner !== undefined; inner = subcommand(command, rest)) {
    command = inner;
    rest = rest.slice(1);
  }
  if (command.parent === null && command.name() === "slipway") return `there is no command ${rest[0] ?? ""}`;
  const { operands, unknown } = command.parseOptions([...rest]);
  if (unknown.length > 0) return `unknown option ${unknown[0]}`;
  const needed = command.registeredArguments.filter(({ required }) => required).length;
  const given = operands.length + (end < 0 ? 0 : args.length - end - 1);
  if (given < needed) return `${command.name()} needs ${needed} arguments`;
  const most = command.registeredArguments.some(({ variadic }) => variadic) ? Infinity : command.registeredArguments.length;
  return given > most ? `${command.name()} takes ${most} arguments` : undefined;
}

const subcommand = (command: Command, [name]: readonly string[]): Command | undefined =>
  command.commands.find((one) => one.name() === name);

describe("the commands in the documentation", () => {
  it.each(PAGES)("are commands and options that there are: %s", async (page) => {
    for (const { line, words } of commandsOn(page, "slipway")) expect(await faultOf(words), line).toBeUndefined();
  });

  it.each<[line: string, fault: string]>([
    ["npx slipway deplyo --stack staging", "there is no command deplyo"],
    ["code=0; npx slipway deploy --prevew > plan.txt || code=$?", "unknown option --prevew"],
    ["npx slipway promote --yes && echo done", "promote needs 1 arguments"],
    ["npx slipway deploy staging", "deploy takes 0 arguments"],
    ['npx slipway rollback --yes ${TO:+--too "$TO"}', "unknown option --too"],
  ])("are compared with what slipway reads: %s", async (line, fault) => {
    const [command] = commandsIn(line, "slipway");
    expect(await faultOf(command?.words ?? [])).toBe(fault);
  });
});

describe("the files for CIs in docs/ci.md", () => {
  const workflows = workflowsIn("docs/ci.md");
  const ofCi = (key: string) => workflows.filter((workflow) => key in workflow);

  it.each([
    ["GitHub Actions", ofCi("jobs")],
    ["GitLab CI", ofCi("stages")],
    ["Semaphore", ofCi("blocks")],
  ])("show the plan, deploy staging, and promote that: %s", (_ci, files) => {
    const lines = files.flatMap((file) => shellIn(file));
    const commands = lines.flatMap((line) => commandsIn(line, "slipway")).map(({ words }) => words.slice(1).join(" "));
    expect(commands).toEqual(
      expect.arrayContaining([
        "install --yes",
        "deploy --stack staging --preview",
        "deploy --stack staging",
        "promote staging --stack production --yes",
      ]),
    );
  });

  it("make Pulumi available before anything else of slipway runs, and its packages before that", () => {
    const jobs = [
      ...ofCi("jobs").flatMap(({ jobs }) => Object.values(jobs as object)),
      ...ofCi("stages").map(({ default: first, staging }) => [first, staging]),
      ...ofCi("blocks"),
    ];
    for (const job of jobs) {
      const lines = shellIn(job);
      const at = (text: string) => lines.findIndex((line) => line.includes(text));
      expect(at("npm ci")).toBeGreaterThanOrEqual(0);
      expect(at("slipway install --yes")).toBeGreaterThan(at("npm ci"));
      expect(lines.findIndex((line) => /slipway (?:deploy|promote)/.test(line))).toBeGreaterThan(at("slipway install --yes"));
    }
    expect(jobs).toHaveLength(6);
  });
});
