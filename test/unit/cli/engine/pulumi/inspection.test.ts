import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inspect } from "../../../../../cli/engine/pulumi/inspection.ts";
import { PULUMI_VERSION } from "../../../../../cli/engine/pulumi/version.ts";
import { placePulumi } from "./release-site.ts";

let bin: string;
beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), "slipway-inspection-"));
  vi.stubEnv("PATH", "/usr/bin:/bin");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(bin, { recursive: true, force: true });
});

describe("the Pulumi of a machine", () => {
  it("is without doubt if it is new enough and has its language host", async () => {
    await placePulumi(bin);
    expect(await inspect({ bin })).toEqual({ version: PULUMI_VERSION, doubts: [] });
  });

  it("is doubted if it is older than the one that we test with", async () => {
    await placePulumi(bin, "3.100.0");
    expect(await inspect({ bin })).toEqual({
      version: "3.100.0",
      doubts: [expect.stringContaining(`older than ${PULUMI_VERSION}`)],
    });
  });

  it("is doubted without its language host", async () => {
    await placePulumi(bin, "4.0.0", []);
    expect((await inspect({ bin })).doubts).toEqual([expect.stringContaining("pulumi-language-nodejs")]);
  });

  it("has its language host beside the file that a link leads to", async () => {
    await placePulumi(join(bin, "real"));
    await symlink(join(bin, "real", "pulumi"), join(bin, "pulumi"));
    expect((await inspect({ bin })).doubts).toEqual([]);
  });

  it("is refused if it does not run", async () => {
    await writeFile(join(bin, "pulumi"), "#!/bin/sh\necho broken >&2; exit 3\n", { mode: 0o755 });
    await expect(inspect({ bin })).rejects.toThrow("broken");
  });
});
