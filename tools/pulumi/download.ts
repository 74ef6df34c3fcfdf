import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import type { Seconds } from "../../core/words.ts";
import { note, since } from "./note.ts";
import { PULUMI_VERSION } from "./version.ts";

/** The site of the official release. Both URLs end in `/`. */
export interface ReleaseSite {
  readonly archives: string;
  readonly checksums: string;
  /** Long enough for a slow link to answer, short enough that a machine without one builds instead. */
  readonly answerWithin: Seconds;
}

const OFFICIAL: ReleaseSite = {
  archives: "https://get.pulumi.com/releases/sdk/",
  checksums: `https://github.com/pulumi/pulumi/releases/download/v${PULUMI_VERSION}/`,
  answerWithin: 4,
};

const DOWNLOAD_WITHIN: Seconds = 300;

const platforms: Record<string, string> = { linux: "linux", darwin: "darwin" };
const architectures: Record<string, string> = { x64: "x64", arm64: "arm64" };

/** The official site does not answer: not an error, the next source is tried. */
export class NotReachable extends Error {}

/** Downloads the official release into `folder`; rejects unless size and SHA-256 match those of the site. */
export async function downloadPulumi(folder: string, site: ReleaseSite = OFFICIAL): Promise<void> {
  const start = performance.now();
  const name = archiveName();
  const answer = await ask(`${site.archives}${name}`, site.answerWithin);
  note(
    `downloading Pulumi ${PULUMI_VERSION} (${megabytes(Number(answer.headers.get("content-length")))}), about a minute on a slow connection`,
  );
  const archive = join(folder, "archive.tar.gz");
  const expected = await publishedHash(site, name);
  await save(answer, archive);
  await verify(archive, { size: answer.headers.get("content-length"), hash: expected });
  await promisify(execFile)("tar", ["-xzf", archive, "-C", folder], { timeout: 120_000 });
  await rename(join(folder, "pulumi"), join(folder, "bin"));
  await rm(archive);
  note(`downloaded Pulumi ${PULUMI_VERSION} in ${since(start)}`);
}

function archiveName(): string {
  const [platform, architecture] = [platforms[process.platform], architectures[process.arch]];
  if (platform === undefined || architecture === undefined) {
    throw new NotReachable(`no official archive for ${process.platform} on ${process.arch}`);
  }
  return `pulumi-v${PULUMI_VERSION}-${platform}-${architecture}.tar.gz`;
}

/** Resolves with the answer before its body; only the answer has the short deadline. */
async function ask(url: string, within: Seconds): Promise<Response> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), within * 1000);
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([silence.signal, AbortSignal.timeout(DOWNLOAD_WITHIN * 1000)]) });
    if (!answer.ok) throw new NotReachable(`${new URL(url).host} answered ${answer.status}`);
    return answer;
  } catch (failure) {
    if (failure instanceof NotReachable) throw failure;
    throw new NotReachable(`${new URL(url).host} did not answer`, { cause: failure });
  } finally {
    clearTimeout(timer);
  }
}

async function save(answer: Response, path: string): Promise<void> {
  if (answer.body === null) throw new NotReachable("the answer has no body");
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(path));
}

/** The checksum of `name` in the checksum file. Without it nothing is run: who sits on the way could block that file alone. */
async function publishedHash(site: ReleaseSite, name: string): Promise<string> {
  const answer = await ask(`${site.checksums}pulumi-${PULUMI_VERSION}-checksums.txt`, site.answerWithin);
  const lines = (await answer.text()).split("\n").map((line) => line.trim().split(/\s+\*?/));
  const hash = lines.find(([, file]) => file === name)?.[0];
  if (hash === undefined) throw new Error(`the checksum file of Pulumi ${PULUMI_VERSION} does not name ${name}`);
  return hash;
}

async function verify(archive: string, published: { size: string | null; hash: string }): Promise<void> {
  const { size } = await stat(archive);
  if (published.size !== null && size !== Number(published.size)) throw new Error(`got ${size} of ${published.size} bytes`);
  const hash = createHash("sha256")
    .update(await readFile(archive))
    .digest("hex");
  if (hash !== published.hash) throw new Error(`SHA-256 is ${hash}, published is ${published.hash}`);
}

const megabytes = (bytes: number): string => (bytes > 0 ? `${Math.round(bytes / 1e6)} MB` : "size unknown");
