import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ciFiles } from "../../../../cli/init/ci/ci.ts";
import { type Pipeline, stateOf } from "../../../../cli/init/ci/pipeline.ts";
import { commandsIn, shellIn, workflowsIn } from "../../../support/docs-commands.ts";
import { aProject } from "../../config/fixture.ts";

const PIPELINE: Pipeline = { folder: "deploy", stack: "production", branch: "main", state: "s3" };
const CIS = ["github", "gitlab", "semaphore"] as const;

const workflowsOf = (ci: (typeof CIS)[number], pipeline: Partial<Pipeline> = {}): unknown[] =>
  [...ciFiles(ci, { ...PIPELINE, ...pipeline }).values()].map((text): unknown => parse(text));

/** Programs that do nothing but write down how they were called; `npx slipway deploy --preview` ends with `PLANNED`. */
const RECORDER = `#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$*" in *--preview*) echo "the plan of a release"; exit "$PLANNED" ;; esac
`;

/** The one filter that a job uses. */
const JQ = `#!${process.execPath}
process.stdout.write(JSON.stringify({ body: require("node:fs").readFileSync(0, "utf8") }));
`;

/** Runs the lines of a job that show the plan, and returns its exit code and the comment. */
function preview(lines: readonly string[], planned: number) {
  using place = aProject({ "bin/npx": RECORDER, "bin/gh": RECORDER, "bin/curl": RECORDER, "bin/jq": JQ, ".cache/x": "" });
  for (const name of ["npx", "gh", "curl", "jq"]) chmodSync(join(place.root, "bin", name), 0o755);
  const script = lines.join("\n").replaceAll("/tmp/", `${place.root}/`);
  const { status, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", script], {
    cwd: place.root,
    encoding: "utf8",
    env: {
      PATH: `${join(place.root, "bin")}${delimiter}${process.env.PATH}`,
      CALLS: join(place.root, "calls"),
      PLANNED: String(planned),
      RUNNER_TEMP: place.root,
      CI_PROJECT_DIR: place.root,
      ...Object.fromEntries(
        [
          "PR",
          "API_TOKEN",
          "GH_TOKEN",
          "CI_API_V4_URL",
          "CI_PROJECT_ID",
          "CI_MERGE_REQUEST_IID",
          "SEMAPHORE_GIT_REPO_SLUG",
          "SEMAPHORE_GIT_PR_NUMBER",
        ].map((name) => [name, "7"]),
      ),
    },
  });
  const comment = ["comment.md", ".cache/comment.md", "comment.json"].map((name) => join(place.root, name)).find(existsSync);
  const calls = existsSync(join(place.root, "calls")) ? readFileSync(join(place.root, "calls"), "utf8") : "";
  return { status, stderr, calls, comment: comment === undefined ? "" : readFileSync(comment, "utf8") };
}

/** The lines in which the plan is made, and what follows in the same job. */
function previewLines(ci: (typeof CIS)[number]): string[] {
  const lines = workflowsOf(ci).flatMap((workflow) => shellIn(workflow));
  const from = lines.findIndex((line) => line.includes("> ") && line.includes("--preview"));
  const start = lines[from - 1]?.startsWith("code=") ? from - 1 : from;
  const end = lines.findIndex((line, at) => at > from && line.includes("-eq 4"));
  return lines.slice(start, end + 1);
}

describe.each(CIS)("the workflows for %s", (ci) => {
  const lines = workflowsOf(ci).flatMap((workflow) => shellIn(workflow));
  const commands = lines.flatMap((line) => commandsIn(line, "slipway")).map(({ words }) => words.slice(1).join(" "));

  it("show the plan, deploy, look for drift and roll back", () => {
    expect(commands).toEqual(
      expect.arrayContaining([
        "install --yes",
        "deploy --stack production --preview",
        "deploy --stack production",
        "rollback --stack production --yes --to $TO",
      ]),
    );
    expect(commands.filter((one) => one === "deploy --stack production --preview").length).toBeGreaterThanOrEqual(2);
  });

  it("name each secret that they need, and none that the stack has", () => {
    const text = [...ciFiles(ci, PIPELINE).values()].join("\n");
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PULUMI_CONFIG_PASSPHRASE"]) expect(text).toContain(name);
    expect(text).not.toContain("PULUMI_ACCESS_TOKEN");
    const cloud = [...ciFiles(ci, { ...PIPELINE, state: "cloud" }).values()].join("\n");
    expect(cloud).toContain("PULUMI_ACCESS_TOKEN");
    expect(cloud).not.toContain("PASSPHRASE");
  });

  it("prepare a job as those of docs/ci.md do", () => {
    const documented = workflowsIn("docs/ci.md").flatMap((workflow) => shellIn(workflow));
    const prepares = lines.filter((line) => /^(?:npm ci|npx slipway install|sem-version|cd |cache restore|apt-get)/.test(line));
    expect(prepares.length).toBeGreaterThan(0);
    for (const line of prepares) expect(documented).toContain(line);
  });

  it("work in a repository that is the project itself, too", () => {
    const text = [...ciFiles(ci, { ...PIPELINE, folder: "." }).values()].join("\n");
    expect(text).not.toMatch(/cd \.|directory: \.|\.\/package-lock/);
    expect(workflowsOf(ci, { folder: "." })).toHaveLength(ciFiles(ci, PIPELINE).size);
  });

  it.each([
    [0, 0],
    [4, 0],
    [1, 1],
    [2, 1],
  ])("comment on the plan, and a preview that ends with %i ends the job with %i", (planned, code) => {
    const { status, stderr, calls, comment } = preview(previewLines(ci), planned);
    expect(status, stderr).toBe(code);
    expect(comment).toContain("the plan of a release");
    expect(calls).toMatch(ci === "github" ? /^gh pr comment 7 /m : /^curl .*\/7\//m);
  });
});

it("GitHub's steps use the actions of docs/ci.md, in the same versions", () => {
  const uses = (value: unknown): string[] =>
    [...JSON.stringify(value).matchAll(/"uses":"([^"]+)"/g)].map(([, action = ""]) => action);
  const documented = new Set(workflowsIn("docs/ci.md").flatMap(uses));
  expect(
    workflowsOf("github")
      .flatMap(uses)
      .filter((action) => !documented.has(action)),
  ).toEqual([]);
});

it.each([
  ["s3://a?region=b", "s3"],
  ["gs://a", "gs"],
  ["azblob://a", "azblob"],
  ["https://api.pulumi.com", "cloud"],
  ["postgres://a/b", "other"],
  ["file:///srv/state", undefined],
  [undefined, undefined],
])("a state at %s is %s", (url, state) => {
  expect(stateOf(url)).toBe(state);
});
