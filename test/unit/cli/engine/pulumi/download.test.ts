import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { announcedSize, downloadPulumi, NotReachable } from "../../../../../cli/engine/pulumi/download.ts";
import { PULUMI_VERSION } from "../../../../../cli/engine/pulumi/version.ts";
import { publishing, pulumiOf, releaseArchive, serve } from "./release-site.ts";

let place: string;
let draft: string;
let archive: Buffer;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "slipway-download-"));
  archive = await releaseArchive(place);
  draft = join(place, "draft");
  await mkdir(draft);
});
afterEach(() => rm(place, { recursive: true, force: true }));

describe("the official download", () => {
  it("is unpacked if size and checksum are correct", async () => {
    await using served = await serve(publishing(archive));
    await downloadPulumi(draft, served.site);
    expect(await readFile(join(draft, "bin", "pulumi"), "utf8")).toBe(pulumiOf(PULUMI_VERSION));
    expect(await readdir(draft)).toEqual(["bin"]);
  });

  it("is rejected if its checksum differs from the published one", async () => {
    await using served = await serve(publishing(archive, "0".repeat(64)));
    await expect(downloadPulumi(draft, served.site)).rejects.toThrow("SHA-256 is");
    expect(existsSync(join(draft, "bin"))).toBe(false);
  });

  it("is rejected if there is no checksum to compare", async () => {
    await using blocked = await serve((request, response) => {
      if (request.url?.endsWith(".tar.gz")) response.end(archive);
      else response.writeHead(403).end();
    });
    await expect(downloadPulumi(draft, blocked.site)).rejects.toThrow(NotReachable);
    expect(existsSync(join(draft, "bin"))).toBe(false);
  });

  it("is rejected if the list of checksums has no end", async () => {
    await using endless = await serve((request, response) => {
      if (request.url?.endsWith(".tar.gz")) response.end(archive);
      else response.end("0".repeat(1024 * 1024));
    });
    await expect(downloadPulumi(draft, endless.site)).rejects.toThrow("more than 256 KiB");
  });

  it("fails soon if the site does not answer", async () => {
    await using silent = await serve(() => {});
    await expect(downloadPulumi(draft, { ...silent.site, answerWithin: 0.1 })).rejects.toThrow(NotReachable);
  });

  it("ends when it is interrupted", async () => {
    const interruption = new AbortController();
    await using stuck = await serve((request, response) => {
      if (!request.url?.endsWith(".tar.gz")) return publishing(archive)(request, response);
      response.writeHead(200).write(archive.subarray(0, 10));
      setTimeout(() => interruption.abort(new Error("interrupted")), 50);
    });
    await expect(downloadPulumi(draft, stuck.site, interruption.signal)).rejects.toThrow();
    expect(existsSync(join(draft, "bin"))).toBe(false);
  });

  it("has the size that the site announces", async () => {
    await using served = await serve(publishing(archive));
    expect(await announcedSize(served.site)).toBe(archive.length);
  });
});
