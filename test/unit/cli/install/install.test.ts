import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { downloadBin } from "../../../../cli/engine/pulumi/found.ts";
import { PULUMI_VERSION } from "../../../../cli/engine/pulumi/version.ts";
import { installPulumi } from "../../../../cli/install/run.ts";
import { placePulumi, publishing, releaseArchive, serve } from "../engine/pulumi/release-site.ts";

let home: string;
let out: string;
let err: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "slipway-install-"));
  vi.stubEnv("HOME", home);
  vi.stubEnv("XDG_CACHE_HOME", undefined);
  vi.stubEnv("PATH", `${join(home, "bin")}:/usr/bin:/bin`);
  [out, err] = ["", ""];
  vi.spyOn(console, "info").mockImplementation((line: string) => {
    out += `${line}\n`;
  });
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    err += `${line}\n`;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

const noOne = undefined;

describe("slipway install", () => {
  it("prints which Pulumi is used, and where it is", async () => {
    await placePulumi(join(home, "bin"), "3.260.1");
    await installPulumi(noOne);
    expect({ out, err }).toEqual({ out: `Pulumi 3.260.1: ${home}/bin/pulumi (on PATH)\n`, err: "" });
  });

  it("says that it is older than the one that Slipway is tested with", async () => {
    await placePulumi(join(home, "bin"), "3.100.0");
    await installPulumi(noOne);
    expect(out).toContain("Pulumi 3.100.0");
    expect(err).toMatch(new RegExp(`this Pulumi is used, but it is older than ${PULUMI_VERSION}.*\n.*upgrade it`));
  });

  it("names one that does not run", async () => {
    await placePulumi(join(home, "bin"));
    await writeFile(join(home, "bin", "pulumi"), "#!/bin/sh\necho wrong architecture >&2; exit 126\n");
    await expect(installPulumi(noOne)).rejects.toThrow(
      /bin\/pulumi \(on PATH\) is there but does not run\n(?: {2}\|.*\n)*.*wrong architecture/,
    );
  });

  it("fetches a missing one, and prints it", async () => {
    await using served = await serve(publishing(await releaseArchive(home)));
    await installPulumi(async () => true, served.site);
    expect(out).toBe(`Pulumi ${PULUMI_VERSION}: ${join(downloadBin(), "pulumi")} (of slipway install)\n`);
  });
});
