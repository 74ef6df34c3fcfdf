import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const SOURCES = globSync("{core,config,registry,hosts,providers,project,components,cli}/**/*.ts", { cwd: ROOT });

/** Shows a certificate, valid or not. */
const ONLY_LOOKS = "hosts/proxy/certificate.ts";

it("no source switches off the check of a host key or of TLS, or forwards an agent", () => {
  const WRONG =
    /StrictHostKeyChecking|rejectUnauthorized|NODE_TLS_REJECT|agentForward|hostVerifier: *\(?\w*\)? *=> *true|insecure: *true/;
  expect(SOURCES.length).toBeGreaterThan(300);
  expect(SOURCES.filter((path) => WRONG.test(read(path)))).toEqual([ONLY_LOOKS]);
});

it("the handshake that shows a certificate, valid or not, sends nothing over the connection", () =>
  expect(read(ONLY_LOOKS)).not.toMatch(/\.(write|end|pipe)\(/));

it("every SSH connection is opened where the host key is checked", () => {
  const dials = SOURCES.filter((path) => /\.connect\(\{[\s\S]*?(?:username|privateKey|authHandler)/.test(read(path)));
  expect(dials.length).toBeGreaterThan(0);
  for (const path of dials) expect(read(path), path).toContain("hostVerifier");
});

describe("docs/security.md", () => {
  const cited = [
    ...read("docs/security.md").matchAll(/`((?:test|tools)\/[\w./-]+\.test\.ts)` › (.+?)(?=; `|\. Not held|\.? \|\n| \|$)/gm),
  ];

  it("has a test for each check that it says is held", () => {
    expect(cited.length).toBeGreaterThan(30);
    const missing = cited.filter(([, path = "", title = ""]) => !read(path).includes(`"${title}"`));
    expect(missing.map(([citation]) => citation)).toEqual([]);
  });

  it("says of every check that it is held or not", () => {
    const rows =
      read("docs/security.md")
        .split("## The checks")[1]
        ?.split("\n")
        .filter((line) => line.startsWith("| ")) ?? [];
    for (const row of rows.slice(1)) expect(row).toMatch(/ › |not held/);
  });
});
