import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { signalChild } from "../../../core/child.ts";
import { readAtMost } from "../../../core/read-at-most.ts";
import { sizeText } from "../../../core/size.ts";
import type { Bytes, Seconds } from "../../../core/words.ts";
import { notice } from "../../terminal/failure.ts";
import { since } from "../../terminal/format.ts";
import { PULUMI_VERSION } from "./version.ts";

/** The site of the official release. Both URLs end in `/`. */
export interface ReleaseSite {
  readonly archives: string;
  readonly checksums: string;
  /** The time for an answer to begin. */
  readonly answerWithin: Seconds;
}

export const OFFICIAL: ReleaseSite = {
  archives: "https://get.pulumi.com/releases/sdk/",
  checksums: `https://github.com/pulumi/pulumi/releases/download/v${PULUMI_VERSION}/`,
  answerWithin: 20,
};

const DOWNLOAD_WITHIN: Seconds = 600;
const UNPACK_WITHIN: Seconds = 120;
const LARGEST_ARCHIVE: Bytes = 1024 * 1024 * 1024;
const LARGEST_CHECKSUMS: Bytes = 256 * 1024;

const platforms: Record<string, string> = { linux: "linux", darwin: "darwin" };
const architectures: Record<string, string> = { x64: "x64", arm64: "arm64" };

/** The site does not answer, or has nothing for this machine. */
export class NotReachable extends Error {}

/** The size of the archive, as the site says; `undefined` if it says nothing. */
export async function announcedSize(site: ReleaseSite): Promise<Bytes | undefined> {
  const answer = await ask(`${site.archives}${archiveName()}`, site, { method: "HEAD" });
  return lengthOf(answer);
}

/** Downloads the official release into `folder`/bin; rejects unless size and SHA-256 match those of the site. */
export async function downloadPulumi(folder: string, site: ReleaseSite, stop?: AbortSignal): Promise<void> {
  const start = performance.now();
  const name = archiveName();
  const signal = AbortSignal.any([AbortSignal.timeout(DOWNLOAD_WITHIN * 1000), ...(stop === undefined ? [] : [stop])]);
  const answer = await ask(`${site.archives}${name}`, site, { signal });
  const size = lengthOf(answer);
  const sized = size === undefined ? "" : ` (${sizeText(size)})`;
  notice(`downloading Pulumi ${PULUMI_VERSION}${sized}, about a minute on a slow connection`);
  const published = { size, hash: await publishedHash(site, name, signal) };
  const archive = join(folder, "archive.tar.gz");
  verify(await save(answer, archive, signal), published);
  await unpack(archive, folder, signal);
  await rename(join(folder, "pulumi"), join(folder, "bin"));
  await rm(archive);
  notice(`downloaded Pulumi ${PULUMI_VERSION} in ${since(start)}`);
}

/** Not by the `signal` of execFile, which also signals what could not be started. */
async function unpack(archive: string, folder: string, signal: AbortSignal): Promise<void> {
  const running = promisify(execFile)("tar", ["-xzf", archive, "-C", folder], { timeout: UNPACK_WITHIN * 1000 });
  const end = () => signalChild(running.child, "SIGTERM");
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    await running;
  } finally {
    signal.throwIfAborted();
  }
}

function archiveName(): string {
  const [platform, architecture] = [platforms[process.platform], architectures[process.arch]];
  if (platform === undefined || architecture === undefined) {
    throw new NotReachable(`there is no official archive for ${process.platform} on ${process.arch}`);
  }
  return `pulumi-v${PULUMI_VERSION}-${platform}-${architecture}.tar.gz`;
}

interface Request {
  readonly method?: "HEAD";
  readonly signal?: AbortSignal;
}

/** Resolves with the answer before its body; only the answer has the short deadline. */
async function ask(url: string, { answerWithin }: ReleaseSite, { signal, ...request }: Request): Promise<Response> {
  const { host } = new URL(url);
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), answerWithin * 1000);
  try {
    const answer = await fetch(url, {
      ...request,
      signal: AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]),
    });
    if (!answer.ok) throw new NotReachable(`${host} answered ${answer.status}`);
    return answer;
  } catch (failure) {
    if (failure instanceof NotReachable || signal?.aborted) throw failure;
    throw new NotReachable(`${host} did not answer`, { cause: failure });
  } finally {
    clearTimeout(timer);
  }
}

function lengthOf({ headers }: Response): Bytes | undefined {
  const length = headers.get("content-length");
  return length === null ? undefined : Number(length);
}

interface Archive {
  readonly size: Bytes | undefined;
  readonly hash: string;
}

/** Writes the body of an answer into a file. Returns its size and SHA-256. */
async function save(answer: Response, path: string, signal: AbortSignal): Promise<Archive> {
  const hash = createHash("sha256");
  let size: Bytes = 0;
  async function* counted(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of parts) {
      size += part.length;
      if (size > LARGEST_ARCHIVE) throw new Error(`the archive has more than ${sizeText(LARGEST_ARCHIVE)}`);
      hash.update(part);
      yield part;
    }
  }
  await pipeline(bodyOf(answer), counted, createWriteStream(path), { signal });
  return { size, hash: hash.digest("hex") };
}

/** The checksum of `name` in the checksum file. Without it nothing is run: an attacker on the way could block that file alone. */
async function publishedHash(site: ReleaseSite, name: string, signal: AbortSignal): Promise<string> {
  const answer = await ask(`${site.checksums}pulumi-${PULUMI_VERSION}-checksums.txt`, site, { signal });
  const text = (await readAtMost(bodyOf(answer), LARGEST_CHECKSUMS)).toString("utf8");
  const lines = text.split("\n").map((line) => line.trim().split(/\s+\*?/));
  const hash = lines.find(([, file]) => file === name)?.[0];
  if (hash === undefined) throw new Error(`the checksum file of Pulumi ${PULUMI_VERSION} does not name ${name}`);
  return hash;
}

function bodyOf({ body }: Response): Readable {
  if (body === null) throw new NotReachable("the answer has no body");
  return Readable.fromWeb(body);
}

function verify(got: Archive, published: Archive): void {
  if (published.size !== undefined && got.size !== published.size) throw new Error(`got ${got.size} of ${published.size} bytes`);
  if (got.hash !== published.hash) throw new Error(`SHA-256 is ${got.hash}, published is ${published.hash}`);
}
