import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { programFiles } from "../../providers/schedule/programs.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "slipway-programs-"));
});
afterEach(() => rmSync(home, { recursive: true }));

it("the programs of a schedule run with nothing but the files that are put into their container", async () => {
  for (const { path, kind, ...entry } of programFiles(["age-encryption", "aws4fetch", "croner"])) {
    if (kind !== "file" || !("content" in entry)) continue;
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), entry.content);
  }
  const load =
    'await Promise.all(["./bucket.ts", "./back-up.ts", "./run.ts", "croner", "age-encryption"].map((name) => import(name))); console.log("all loaded")';
  writeFileSync(join(home, "slipway", "load.mjs"), load);
  const { stdout } = await promisify(execFile)(process.execPath, [join(home, "slipway", "load.mjs")], {
    env: { NODE_NO_WARNINGS: "1" },
  });
  expect(stdout).toBe("all loaded\n");
});
