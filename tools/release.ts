/**
 * `npm run release -- 0.2.0 [--dry-run]`: the commit and the tag of a release. Nothing leaves this machine: pushing the tag is the next step,
 * and .github/workflows/release.yml publishes what it names.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { messageOf } from "../core/error.ts";
import { PROJECT } from "./checks.ts";
import { lastRelease, unreleased, withRelease } from "./release/changelog.ts";
import { refusedVersion } from "./release/version.ts";

const CHANGELOG = join(PROJECT, "CHANGELOG.md");
const WRITTEN = ["CHANGELOG.md", "package.json", "package-lock.json"];

/** Everything that is in the way of a release. */
function problemsOf(version: string, changelog: string): string[] {
  const { version: current } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")));
  const problems = [
    refusedVersion(version, current, lastRelease(changelog)),
    unreleased(changelog) === "" && "CHANGELOG.md has nothing under Unreleased",
    run("git", "status", "--porcelain") !== "" && "the tree has changes that are not committed (git status)",
    run("git", "tag", "--list", `v${version}`) !== "" && `the tag v${version} exists`,
  ];
  return problems.filter((problem) => typeof problem === "string");
}

function release(version: string, changelog: string, date: string): void {
  try {
    writeFileSync(CHANGELOG, withRelease(changelog, version, date));
    // The first release has the version that package.json has from the beginning.
    run("npm", "version", version, "--no-git-tag-version", "--allow-same-version", "--ignore-scripts");
    run("git", "commit", "--quiet", "--message", `Slipway ${version}`, "--", ...WRITTEN);
  } catch (failure) {
    run("git", "restore", "--staged", "--worktree", "--", ...WRITTEN);
    throw failure;
  }
  run("git", "tag", "--annotate", `v${version}`, "--message", `Slipway ${version}`);
}

const run = (tool: string, ...args: string[]): string =>
  execFileSync(tool, args, { cwd: PROJECT, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

try {
  const { values, positionals } = parseArgs({ options: { "dry-run": { type: "boolean" } }, allowPositionals: true });
  const [version] = positionals;
  if (version === undefined) throw new Error("it needs a version: npm run release -- 0.2.0 [--dry-run]");
  const changelog = readFileSync(CHANGELOG, "utf8");
  const date = new Date().toISOString().slice(0, 10);
  const problems = problemsOf(version, changelog);
  if (problems.length > 0) throw new Error(problems.join("\n  | "));
  if (values["dry-run"]) console.info(`${unreleased(changelog)}\n\nwould be ${version} of ${date}; nothing was changed`);
  else {
    release(version, changelog, date);
    console.info(`committed, and tagged v${version}\n  next: git push --atomic origin HEAD v${version}   (the tag publishes it)`);
  }
} catch (failure) {
  console.error(`error: nothing was released\n  | ${messageOf(failure)}`);
  process.exitCode = 1;
}
