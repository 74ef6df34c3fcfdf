import { describe, expect, it } from "vitest";
import { diskOf, parseDf } from "../../../../hosts/machine/disk.ts";

const DF = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 41151788 28000000 11000000 72% /\n";

describe("the disk of a host", () => {
  it("is the one that holds Docker's data root, wherever that is", async () => {
    const asked: string[][] = [];
    const host = {
      docker: { info: async () => ({ rootDir: "/mnt/docker" }) },
      run: async (argv: readonly string[]) => {
        asked.push([...argv]);
        return { code: 0, stdout: DF };
      },
    };
    expect(await diskOf(host)).toEqual({ path: "/mnt/docker", free: 11_264_000_000, usedPercent: 72 });
    expect(asked).toEqual([["df", "-Pk", "/mnt/docker"]]);
  });

  it("is unknown where df fails or prints something else", async () => {
    const host = { docker: { info: async () => ({ rootDir: "/" }) }, run: async () => ({ code: 1, stdout: DF }) };
    expect(await diskOf(host)).toBeUndefined();
    expect(parseDf("df: not found", "/")).toBeUndefined();
  });
});
