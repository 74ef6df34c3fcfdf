import { randomBytes } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { Deadline } from "../core/deadline.ts";
import type { Bytes } from "../core/words.ts";
import { ensureCertificates } from "./certificates.ts";
import { Daemon } from "./daemon.ts";
import { goBinaryFile } from "./gobuild.ts";
import { startGround } from "./ground.ts";
import { LANE } from "./lane.ts";
import { alone } from "./lock.ts";
import { folder, inState } from "./state.ts";

const PORT = 5443;
const REGION = "us-east-1";
const ACCESS_KEY = "lab";
/** Where the gateway keeps the parts of what is not whole yet. */
const TEMPORARY = ".sgwtmp";
const UNFINISHED = join(TEMPORARY, "multipart");
const daemon = new Daemon("s3");

/** An object as it lies in the store. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: Bytes;
}

/** A bucket of the lab's object store, which checks signatures and the hash of every payload, over TLS of the lab's CA. */
export class LabS3 {
  /** @example "https://10.0.0.1:5443" */
  readonly endpoint: string;
  readonly region = REGION;
  readonly bucket: string;
  readonly accessKey = ACCESS_KEY;
  readonly secretKey: string;
  /** The CA's certificate, PEM file. */
  readonly ca: string;

  constructor(endpoint: string, bucket: string, secretKey: string, ca: string) {
    this.endpoint = endpoint;
    this.bucket = bucket;
    this.secretKey = secretKey;
    this.ca = ca;
  }

  /** What is in the bucket, by key; read from the disk, not asked of the server. */
  async objects(): Promise<StoredObject[]> {
    const root = inState("s3", "data", this.bucket);
    const names = (await readdir(root, { recursive: true })).filter((name) => !name.startsWith(TEMPORARY));
    const found = await Promise.all(names.map(async (key) => ({ key, about: await stat(join(root, key)) })));
    const files = found.filter(({ about }) => about.isFile());
    return files.map(({ key, about }) => ({ key, bytes: about.size })).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The bytes of an object. */
  read(key: string): Promise<Buffer> {
    return readFile(inState("s3", "data", this.bucket, key));
  }

  /** How many uploads in parts were neither finished nor aborted. */
  async unfinished(): Promise<number> {
    const root = inState("s3", "data", this.bucket, UNFINISHED);
    const objects = await readdir(root).catch(() => []);
    const uploads = await Promise.all(objects.map((object) => readdir(join(root, object))));
    return uploads.flat().length;
  }

  /** As a new bucket. */
  async clear(): Promise<void> {
    const root = inState("s3", "data", this.bucket);
    for (const name of await readdir(root)) await rm(join(root, name), { recursive: true, force: true });
  }

  /** Stops the store, as an outage. `startS3` brings it back. */
  stop(): Promise<void> {
    return stopS3();
  }
}

/** The store on the machine's address in the hosts' network, and a bucket in it; started if it does not run. */
export function startS3({ bucket = `backups-${LANE}` }: { readonly bucket?: string } = {}): Promise<LabS3> {
  return alone(async () => {
    const { gateway } = (await startGround()).network;
    const { ca, cert, key } = await ensureCertificates(gateway);
    const secretKey = await ensureSecretKey();
    await folder("s3", "data", bucket);
    if ((await daemon.pid()) === undefined)
      await daemon.start([await binary()], {
        S3_FOLDER: inState("s3", "data"),
        S3_ADDRESS: `${gateway}:${PORT}`,
        S3_REGION: REGION,
        S3_ACCESS_KEY: ACCESS_KEY,
        S3_SECRET_KEY: secretKey,
        S3_CERTIFICATE: cert,
        S3_KEY: key,
      });
    const s3 = new LabS3(`https://${gateway}:${PORT}`, bucket, secretKey, ca);
    const authority = await readFile(ca);
    const up = async () => {
      if ((await daemon.pid()) === undefined) throw new Error(`the object store ended:\n${await daemon.lastLines()}`);
      return (await healthy(s3, authority)) ? s3 : undefined;
    };
    return Deadline.in(20).until(up, () => new Error(`the object store does not answer; see ${daemon.log}`));
  });
}

export const stopS3 = (): Promise<void> => daemon.stop(5);

const binary = (): Promise<string> => goBinaryFile({ name: "s3", from: new URL("./s3/", import.meta.url).pathname, target: "." });

function healthy({ endpoint }: LabS3, ca: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(`${endpoint}/health`, { ca, timeout: 1000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
  });
}

async function ensureSecretKey(): Promise<string> {
  const file = join(await folder("s3"), "secret");
  const known = await readFile(file, "utf8").catch(() => undefined);
  if (known !== undefined) return known;
  const secret = randomBytes(30).toString("base64url");
  await writeFile(file, secret, { mode: 0o600 });
  return secret;
}
