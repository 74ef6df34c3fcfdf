import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { downloadBin, downloadFolder } from "../../../../../cli/engine/pulumi/found.ts";
import { type Ask, offerPulumi } from "../../../../../cli/engine/pulumi/offer.ts";
import { PULUMI_VERSION } from "../../../../../cli/engine/pulumi/version.ts";
import { publishing, releaseArchive, serve } from "./release-site.ts";

let home: string;
let archive: Buffer;
let printed: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "slipway-offer-"));
  vi.stubEnv("HOME", home);
  vi.stubEnv("XDG_CACHE_HOME", undefined);
  archive = await releaseArchive(home);
  printed = "";
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    printed += `${line}\n`;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

const agrees: Ask = async () => true;
const declines: Ask = async () => false;

describe("a Pulumi that is missing", () => {
  it("is refused without a terminal, with the command that fetches it", async () => {
    await expect(offerPulumi(undefined)).rejects.toThrow(
      [
        `Pulumi is not installed: pulumi is neither on PATH, nor in ${home}/.pulumi/bin, nor in ${downloadBin()}`,
        "  serves now: what served before; nothing was changed",
        `  next: npx slipway install --yes downloads Pulumi ${PULUMI_VERSION} from get.pulumi.com into ${downloadFolder()}; or install Pulumi yourself: https://www.pulumi.com/docs/iac/download-install`,
        "  code: TOOL_MISSING",
      ].join("\n"),
    );
    expect(printed).toBe("");
  });

  it("is refused in the same way after a no, and nothing is fetched", async () => {
    await using served = await serve(publishing(archive));
    await expect(offerPulumi(declines, served.site)).rejects.toThrow("npx slipway install --yes");
    expect(existsSync(dirname(downloadFolder()))).toBe(false);
  });

  it("is described before the question: version, size, site and folder", async () => {
    await using served = await serve(publishing(archive));
    const atQuestion: string[] = [];
    const user: Ask = async (question) => {
      atQuestion.push(printed, question);
      return false;
    };
    await expect(offerPulumi(user, served.site)).rejects.toThrow();
    const { host } = new URL(served.site.archives);
    expect(atQuestion).toEqual([
      expect.stringMatching(
        new RegExp(`Pulumi ${PULUMI_VERSION} \\(\\d.* (?:bytes|kB)\\) .* from ${host}, .*\n.* into ${downloadFolder()}\n`),
      ),
      "Download it?",
    ]);
  });

  it("is fetched after a yes, and runs", async () => {
    await using served = await serve(publishing(archive));
    expect(await offerPulumi(agrees, served.site)).toEqual({ bin: downloadBin(), source: "download" });
    expect(existsSync(join(downloadBin(), "pulumi"))).toBe(true);
    expect(await readdir(dirname(downloadFolder()))).toEqual(["download"]);
  });

  it("is not kept if it has a different version", async () => {
    await using served = await serve(publishing(await releaseArchive(home, "3.1.0")));
    await expect(offerPulumi(agrees, served.site)).rejects.toThrow(/was not installed: .* has version 3\.1\.0/);
    expect(await readdir(dirname(downloadFolder()))).toEqual([]);
  });

  it("is offered without its size if the site does not answer, and the download says so", async () => {
    await using down = await serve((_, response) => response.writeHead(503).end());
    await expect(offerPulumi(agrees, down.site)).rejects.toThrow(/cannot be downloaded: .* answered 503\n/);
    expect(printed).toContain(`Pulumi ${PULUMI_VERSION} can be downloaded`);
  });

  it("leaves nothing behind when the download is interrupted", async () => {
    const listeners = process.listenerCount("SIGTERM");
    await using stuck = await serve((request, response) => {
      if (request.method === "HEAD" || !request.url?.endsWith(".tar.gz")) return publishing(archive)(request, response);
      response.writeHead(200).write(archive.subarray(0, 10));
      setTimeout(() => process.emit("SIGINT"), 50);
    });
    await expect(offerPulumi(agrees, stuck.site)).rejects.toThrow("was not installed");
    expect(await readdir(dirname(downloadFolder()))).toEqual([]);
    expect(process.listenerCount("SIGTERM")).toBe(listeners);
  });
});
