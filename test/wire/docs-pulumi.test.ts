import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { ensurePulumi } from "../../tools/pulumi/index.ts";
import { commandsOn } from "../support/docs-commands.ts";

const run = promisify(execFile);
const DOCS = readdirSync(join(import.meta.dirname, "..", "..", "docs")).filter((name) => name.endsWith(".md"));

let bin: string;
// Builds the CLI if it is missing.
beforeAll(async () => {
  bin = (await ensurePulumi()).bin;
}, 900_000);

const helped = new Map<string, Promise<string>>();

function help(command: readonly string[]): Promise<string> {
  const key = command.join(" ");
  const known = helped.get(key) ?? run(join(bin, "pulumi"), [...command, "--help"]).then(({ stdout }) => stdout);
  helped.set(key, known);
  return known;
}

/** What Pulumi's own help does not know of a command line. */
async function faultOf([, ...args]: readonly string[]): Promise<string | undefined> {
  const [first = "", second = ""] = args;
  const text = await help([first]);
  if (!text.includes(`pulumi ${first}`)) return `there is no command ${first}`;
  const isInner = new RegExp(`^ {2}${second} {2,}`, "m").test(text) && /^[a-z]/.test(second);
  const all = isInner ? await help([first, second]) : text;
  const flags = args.filter((word) => word.startsWith("-") && word !== "--").map((word) => word.replace(/=.*/, ""));
  const unknown = flags.find((flag) => !new RegExp(`(?:^|[ ,])${flag}(?![\\w-])`, "m").test(all));
  return unknown === undefined ? undefined : `unknown option ${unknown}`;
}

const documented = ["README.md", ...DOCS.map((name) => `docs/${name}`)].flatMap((page) => [
  ...commandsOn(page, "pulumi").map(({ line, words }) => ({ page, line, words })),
  ...commandsOn(page, "slipway")
    .filter(({ words }) => words[1] === "pulumi")
    .map(({ line, words }) => ({ page, line, words: words.slice(1) })),
]);

describe("Pulumi's commands in the documentation", () => {
  it("are commands and options that there are", async () => {
    expect(documented.length).toBeGreaterThan(5);
    for (const { page, line, words } of documented) expect(await faultOf(words), `${page}: ${line}`).toBeUndefined();
  }, 120_000);

  it("are compared with what Pulumi's help says", async () => {
    expect(await faultOf(["pulumi", "config", "set", "--secrte", "KEY"])).toBe("unknown option --secrte");
    expect(await faultOf(["pulumi", "upp", "--yes"])).toBe("there is no command upp");
  }, 120_000);
});
