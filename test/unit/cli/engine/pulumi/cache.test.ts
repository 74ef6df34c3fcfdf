import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cached } from "../../../../../cli/engine/pulumi/cache.ts";

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "slipway-cache-"));
});
afterEach(() => rm(place, { recursive: true, force: true }));

describe("a cached folder", () => {
  it("is filled once for two callers at the same time", async () => {
    let fills = 0;
    const fill = async (draft: string) => {
      fills += 1;
      await writeFile(join(draft, "file"), "whole");
    };
    await Promise.all([cached(join(place, "it"), fill), cached(join(place, "it"), fill)]);
    expect(fills).toBe(1);
    expect(await readdir(place)).toEqual(["it"]);
  });

  it("is missing if filling it failed", async () => {
    const failing = cached(join(place, "it"), async (draft) => {
      await writeFile(join(draft, "file"), "half");
      throw new Error("no space");
    });
    await expect(failing).rejects.toThrow("no space");
    expect(await readdir(place)).toEqual([]);
  });

  it("is taken over from a dead owner", async () => {
    await writeFile(join(place, "it.lock"), "999999999");
    await cached(join(place, "it"), async () => {});
    expect(existsSync(join(place, "it"))).toBe(true);
  });
});
