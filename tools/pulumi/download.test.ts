import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { downloadPulumi, NotReachable, type ReleaseSite } from "./download.ts";

let place: string;
let archive: Buffer;
let server: Server | undefined;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "slipway-download-"));
  await mkdir(join(place, "pulumi"));
  await writeFile(join(place, "pulumi", "pulumi"), "a binary");
  await promisify(execFile)("tar", ["-czf", "archive.tar.gz", "pulumi"], { cwd: place });
  archive = await readFile(join(place, "archive.tar.gz"));
  await mkdir(join(place, "draft"));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(place, { recursive: true, force: true });
});

describe("the official download", () => {
  it("is unpacked if size and checksum are correct", async () => {
    await download({ hash: createHash("sha256").update(archive).digest("hex") });
    expect(await readFile(join(place, "draft", "bin", "pulumi"), "utf8")).toBe("a binary");
  });

  it("is rejected if its checksum differs from the published one", async () => {
    await expect(download({ hash: "0".repeat(64) })).rejects.toThrow("SHA-256 is");
    expect(existsSync(join(place, "draft", "bin"))).toBe(false);
  });

  it("is rejected if there is no checksum to compare", async () => {
    const blocked = serve((request, response) => {
      if (request.url?.endsWith(".tar.gz")) response.end(archive);
      else response.writeHead(403).end();
    });
    await expect(downloadPulumi(join(place, "draft"), await blocked)).rejects.toThrow(NotReachable);
    expect(existsSync(join(place, "draft", "bin"))).toBe(false);
  });

  it("fails soon if the site does not answer", async () => {
    const silent = serve(() => {});
    await expect(downloadPulumi(join(place, "draft"), { ...(await silent), answerWithin: 0.1 })).rejects.toThrow(NotReachable);
  });
});

async function download({ hash }: { hash: string }): Promise<void> {
  const site = serve((request, response) => {
    const isArchive = request.url?.endsWith(".tar.gz");
    response.end(isArchive ? archive : names.map((name) => `${hash}  ${name}\n`).join(""));
  });
  await downloadPulumi(join(place, "draft"), await site);
}

const names = ["linux", "darwin"].flatMap((system) => ["x64", "arm64"].map((cpu) => `pulumi-v3.259.0-${system}-${cpu}.tar.gz`));

async function serve(listener: RequestListener): Promise<ReleaseSite> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const { port } = started.address() as AddressInfo;
  return { archives: `http://127.0.0.1:${port}/`, checksums: `http://127.0.0.1:${port}/`, answerWithin: 4 };
}
