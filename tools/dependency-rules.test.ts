import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** A small tree with an offence of each kind. */
const TREE: Readonly<Record<string, string>> = {
  // allowed
  "core/words.ts": "export const a = 1;\n",
  "hosts/index.ts": 'export { a } from "../core/words.ts";\n',
  "providers/proxy/apply.ts": 'export { a } from "../../hosts/index.ts";\n',
  // up a layer
  "core/low.ts": 'import "../cli/high.ts";\n',
  "cli/high.ts": "export {};\n",
  // up inside a layer
  "hosts/ssh/run.ts": 'import "../docker/docker.ts";\n',
  "hosts/docker/docker.ts": "export {};\n",
  // a circle of types
  "core/egg.ts": 'import type { Hen } from "./hen.ts";\nexport type Egg = Hen | 1;\n',
  "core/hen.ts": 'import type { Egg } from "./egg.ts";\nexport type Hen = Egg | 2;\n',
  // a plan that reads
  "providers/proxy/plan.ts": 'import { readFileSync } from "node:fs";\nreadFileSync("a");\n',
  // a component that uses more of a provider than its types
  "components/release.ts": 'export { a } from "../providers/proxy/apply.ts";\n',
  "components/types.ts": 'export type { a } from "../providers/proxy/apply.ts";\n',
  // the product on its lab
  "cli/program.ts": 'import "../lab/lab.ts";\n',
  "lab/lab.ts": "export {};\n",
  // an example on what its user does not have
  "examples/one/index.ts": 'import "../../core/words.ts";\n',
};

/** It starts a process, which takes long on a busy machine. */
const DEADLINE = 60_000;

let printed: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-dependencies-"));
  try {
    for (const shared of ["node_modules", "tsconfig.json", "package.json"])
      await symlink(join(ROOT, shared), join(folder, shared));
    for (const [path, text] of Object.entries(TREE)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    printed = await refusalOf(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, DEADLINE);

function refusalOf(folder: string): Promise<string> {
  const folders = ["core", "hosts", "providers", "components", "cli", "lab", "examples"];
  const args = ["--config", join(ROOT, ".dependency-cruiser.cjs"), ...folders];
  const run = promisify(execFile)(process.execPath, [join(ROOT, "node_modules", ".bin", "depcruise"), ...args], { cwd: folder });
  return run.then(
    () => "passed",
    ({ stdout }: { stdout: string }) => stdout,
  );
}

describe("the dependency rules", () => {
  it("refuse an import that points up a layer", () => {
    expect(printed).toContain("layer-core: core/low.ts → cli/high.ts");
  });

  it("refuse an import that points up inside a layer", () => {
    expect(printed).toContain("room-hosts-ssh: hosts/ssh/run.ts → hosts/docker/docker.ts");
  });

  it("refuse a circle, even of types alone", () => {
    expect(printed).toMatch(/no-circle: core\/egg\.ts → \s*core\/hen\.ts/);
  });

  it("refuse a plan that could read something", () => {
    expect(printed).toContain("plan-is-pure: providers/proxy/plan.ts → fs");
  });

  it("refuse a component that uses more than the types of a provider", () => {
    expect(printed).toContain("components-types-only: components/release.ts → providers/proxy/apply.ts");
  });

  it("refuse the lab in the product", () => {
    expect(printed).toContain("product-alone: cli/program.ts → lab/lab.ts");
  });

  it("refuse a source in an example", () => {
    expect(printed).toContain("examples-as-users: examples/one/index.ts → core/words.ts");
  });

  it("refuse nothing else", () => {
    expect(printed).toMatch(/7 dependency violations/);
  });
});
