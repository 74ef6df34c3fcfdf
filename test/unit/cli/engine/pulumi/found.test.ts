import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { allPulumis, downloadBin, findPulumi } from "../../../../../cli/engine/pulumi/found.ts";
import { PULUMI_VERSION } from "../../../../../cli/engine/pulumi/version.ts";
import { placePulumi } from "./release-site.ts";

let home: string;
let path: readonly [string, string];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "slipway-found-"));
  path = [join(home, "first"), join(home, "second")];
  vi.stubEnv("HOME", home);
  vi.stubEnv("XDG_CACHE_HOME", undefined);
  vi.stubEnv("PATH", path.join(delimiter));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

const installer = (): string => join(home, ".pulumi", "bin");

describe("Pulumi", () => {
  it("is searched for on PATH, then in the folder of its installer, then in our cache", async () => {
    expect(findPulumi()).toBeUndefined();
    await placePulumi(downloadBin());
    expect(findPulumi()).toEqual({
      bin: join(home, ".cache/slipway/pulumi", PULUMI_VERSION, "download/bin"),
      source: "download",
    });
    await placePulumi(installer());
    expect(findPulumi()).toEqual({ bin: installer(), source: "installer" });
    await placePulumi(path[1]);
    expect(findPulumi()).toEqual({ bin: path[1], source: "path" });
    await placePulumi(path[0], "2.0.0");
    expect(findPulumi()).toEqual({ bin: path[0], source: "path" });
    expect(allPulumis().map(({ bin }) => bin)).toEqual([path[0], path[1], installer(), downloadBin()]);
  });

  it("is not a folder of that name on PATH", async () => {
    await mkdir(join(path[0], "pulumi"), { recursive: true });
    expect(findPulumi()).toBeUndefined();
  });

  it("is found in the cache that XDG_CACHE_HOME names", async () => {
    vi.stubEnv("XDG_CACHE_HOME", join(home, "elsewhere"));
    await placePulumi(join(home, "elsewhere/slipway/pulumi", PULUMI_VERSION, "download/bin"));
    expect(findPulumi()).toMatchObject({ source: "download" });
  });
});
