import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, realpathSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cacheFolder } from "../../core/cache-folder.ts";
import { parseJson } from "../../core/text.ts";
import type { Bytes, Milliseconds } from "../../core/words.ts";
import { idle } from "./idle.ts";
import { blobsOf, StoredImage } from "./image.ts";
import { type Descriptor, digestOf, TYPE } from "./oci.ts";

/** More than this is kept only of images that are in use. */
const MOST: Bytes = 20 * 1024 ** 3;
/** A file that another run has just written, or has just found, may not be named by an image yet. */
const FRESH: Milliseconds = 60 * 60 * 1000;

/** What a stream turned out to be. */
export interface Written {
  readonly digest: string;
  readonly size: Bytes;
}

/**
 * The images of one project on the operator's side: an OCI layout, which its stacks share. Blobs are verified when they are written, so
 * that whatever the store has is complete and right. Any number of runs may use it at the same time: files appear complete, by a rename,
 * and what a run has just touched is not collected.
 *
 * `images/<digest>.json` says what an image consists of; its time is when the image was last used. `index.json` names the same images for
 * other tools, and a builder that writes an OCI layout can write its blobs here.
 */
export class ImageStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The store of the project in a folder. */
  static of(project: string, cache = cacheFolder()): ImageStore {
    const name = createHash("sha256").update(realpathSync(project)).digest("hex").slice(0, 16);
    return new ImageStore(join(cache, "images", name));
  }

  blobPath(digest: string): string {
    const [kind = "", hex = ""] = digest.split(":");
    return join(this.folder, "blobs", kind, hex);
  }

  /** Whether a blob is there. One that is there counts as used. */
  async has({ digest, size }: Pick<Descriptor, "digest" | "size">): Promise<boolean> {
    const path = this.blobPath(digest);
    const found = await stat(path).catch(() => undefined);
    if (found?.size !== size) return false;
    const now = new Date();
    // Another run may collect it at this moment.
    return utimes(path, now, now).then(
      () => true,
      () => false,
    );
  }

  /** An image with all of its blobs; `undefined` if it is not there, or not complete any more. It counts as used from now on. */
  async find(digest: string): Promise<StoredImage | undefined> {
    const path = this.#imagePath(digest);
    const read = StoredImage.safeParse(parseJson(await readFile(path, "utf8").catch(() => "")));
    if (!read.success || read.data.root.digest !== digest) return undefined;
    const there = await Promise.all(blobsOf(read.data).map((blob) => this.has(blob)));
    if (there.includes(false)) return undefined;
    await this.use(digest);
    return read.data;
  }

  /** Notes that an image is in use, if it is there. */
  async use(digest: string): Promise<void> {
    const now = new Date();
    await utimes(this.#imagePath(digest), now, now).catch(() => {});
  }

  /** Writes an image whose blobs are there already. */
  async add(image: StoredImage): Promise<void> {
    await this.#put(this.#imagePath(image.root.digest), JSON.stringify(image));
    await this.#writeIndex();
  }

  /** A small blob, such as a manifest that is made here. */
  async write(content: string): Promise<Written> {
    const digest = digestOf(content);
    await this.#put(this.blobPath(digest), content);
    return { digest, size: Buffer.byteLength(content) };
  }

  /** Writes what a stream has to a file of its own, which is not in the store yet. */
  async draft(stream: AsyncIterable<Buffer>): Promise<Written & { readonly path: string }> {
    const path = await this.#newFile();
    const hash = createHash("sha256");
    let size = 0;
    const measured = new Transform({
      transform(part: Buffer, _encoding, done) {
        hash.update(part);
        size += part.length;
        done(null, part);
      },
    });
    try {
      await pipeline(stream, measured, createWriteStream(path));
    } catch (thrown) {
      await rm(path, { force: true });
      throw thrown;
    }
    return { path, size, digest: `sha256:${hash.digest("hex")}` };
  }

  /** Makes a draft a blob of the store, under its own digest. */
  async keep({ path, digest }: Written & { readonly path: string }): Promise<void> {
    const to = this.blobPath(digest);
    await mkdir(join(to, ".."), { recursive: true, mode: 0o700 });
    await rename(path, to);
  }

  read({ digest }: Pick<Descriptor, "digest">, range?: { readonly start: Bytes; readonly end: Bytes }) {
    return createReadStream(this.blobPath(digest), { ...range, highWaterMark: 256 * 1024 });
  }

  async text({ digest }: Pick<Descriptor, "digest">): Promise<string> {
    return readFile(this.blobPath(digest), "utf8");
  }

  /**
   * Removes images that no one has used for long, then those used longest ago until the rest fits, and all that no image needs.
   *
   * @param now for tests: the time by which ages are measured
   */
  async collect(now = Date.now(), most = MOST): Promise<void> {
    const images = await this.#images();
    const gone = new Set(idle(images, now, most));
    await Promise.all(images.filter(({ image }) => gone.has(image.root.digest)).map(({ path }) => rm(path, { force: true })));
    const needed = new Set(
      images.flatMap(({ image }) => (gone.has(image.root.digest) ? [] : blobsOf(image).map(({ digest }) => digest))),
    );
    const blobs = join(this.folder, "blobs", "sha256");
    const stale = (await filesIn(blobs)).filter((hex) => !needed.has(`sha256:${hex}`)).map((hex) => join(blobs, hex));
    const drafts = join(this.folder, "drafts");
    await removeOld([...stale, ...(await filesIn(drafts)).map((name) => join(drafts, name))], now - FRESH);
    if (gone.size > 0) await this.#writeIndex();
  }

  /** Where what is known of images is kept, until they are read. */
  get #notes(): string {
    return join(this.folder, "files");
  }

  /** Writes a small file completely or not at all. */
  async note(name: string, content: string): Promise<void> {
    await this.#put(join(this.#notes, name), content);
  }

  /** What was noted under a name. */
  async noted(name: string): Promise<string | undefined> {
    return readFile(join(this.#notes, name), "utf8").catch(() => undefined);
  }

  async #images(): Promise<{ path: string; used: Milliseconds; image: StoredImage }[]> {
    const folder = join(this.folder, "images");
    const all = (await filesIn(folder)).map(async (name) => {
      const path = join(folder, name);
      const [text, found] = await Promise.all([readFile(path, "utf8").catch(() => ""), stat(path).catch(() => undefined)]);
      const read = StoredImage.safeParse(parseJson(text));
      return read.success && found !== undefined ? [{ path, used: found.mtimeMs, image: read.data }] : [];
    });
    return (await Promise.all(all)).flat();
  }

  #imagePath(digest: string): string {
    return join(this.folder, "images", `${digest.replace(":", "-")}.json`);
  }

  async #writeIndex(): Promise<void> {
    const manifests = (await this.#images()).map(({ image }) => image.root);
    await this.#put(join(this.folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    await this.#put(join(this.folder, "index.json"), JSON.stringify({ schemaVersion: 2, mediaType: TYPE.index, manifests }));
  }

  async #newFile(): Promise<string> {
    const drafts = join(this.folder, "drafts");
    await mkdir(drafts, { recursive: true, mode: 0o700 });
    return join(drafts, randomUUID());
  }

  async #put(path: string, content: string): Promise<void> {
    const draft = await this.#newFile();
    await writeFile(draft, content, { mode: 0o600 });
    await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
    await rename(draft, path);
  }
}

const filesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** Of another run they may be in use; each may also be removed by one at the same time. */
async function removeOld(paths: readonly string[], before: Milliseconds): Promise<void> {
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < before) await rm(path, { force: true });
  }
}
