import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ReleaseSite } from "../../../../../cli/engine/pulumi/download.ts";
import { PULUMI_VERSION } from "../../../../../cli/engine/pulumi/version.ts";

/** A `pulumi` that only knows its version. */
export const pulumiOf = (version: string): string => `#!/bin/sh\necho v${version}\n`;

/** Puts a `pulumi` into a folder, with its language host unless that is to be missing. */
export async function placePulumi(bin: string, version = PULUMI_VERSION, others = ["pulumi-language-nodejs"]): Promise<void> {
  await mkdir(bin, { recursive: true });
  for (const name of ["pulumi", ...others]) await writeFile(join(bin, name), pulumiOf(version), { mode: 0o755 });
}

/** An archive as the official ones. */
export async function releaseArchive(folder: string, version = PULUMI_VERSION): Promise<Buffer> {
  await placePulumi(join(folder, "pulumi"), version);
  await promisify(execFile)("tar", ["-czf", "archive.tar.gz", "pulumi"], { cwd: folder });
  return readFile(join(folder, "archive.tar.gz"));
}

export const sha256 = (archive: Buffer): string => createHash("sha256").update(archive).digest("hex");

const NAMES = ["linux", "darwin"].flatMap((system) =>
  ["x64", "arm64"].map((cpu) => `pulumi-v${PULUMI_VERSION}-${system}-${cpu}.tar.gz`),
);

/** What the official site answers for an archive with this checksum. */
export const publishing =
  (archive: Buffer, hash = sha256(archive)): RequestListener =>
  (request, response) => {
    const body = request.url?.endsWith(".tar.gz") ? archive : Buffer.from(NAMES.map((name) => `${hash}  ${name}\n`).join(""));
    response.writeHead(200, { "content-length": body.length }).end(request.method === "HEAD" ? undefined : body);
  };

export interface ServedSite extends AsyncDisposable {
  readonly site: ReleaseSite;
}

/** A release site on this machine. */
export async function serve(listener: RequestListener): Promise<ServedSite> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    site: { archives: `http://127.0.0.1:${port}/`, checksums: `http://127.0.0.1:${port}/`, answerWithin: 4 },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
