import { z } from "zod";
import { parseJson } from "../../core/text.ts";
import type { StoredImage } from "../store/image.ts";
import { type Descriptor, digestOf, ImageConfig, TYPE } from "../store/oci.ts";
import type { ImageStore } from "../store/store.ts";
import { choose } from "./choose.ts";
import { BlobsMissing, DigestMismatch, NoImage } from "./faults.ts";
import { plainBytes, type Source, textOf } from "./source.ts";

/** `manifest.json` of `docker save`. */
const Saved = z.array(
  z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()).nullish() }),
);

/**
 * Brings an image that `docker save` wrote into the store. It has no manifest, so it gets one: with its layers as they are uncompressed,
 * under the digests that its config names. So the same image has the same digest from every machine, which no compressor would give.
 *
 * @param name which one, if there are several
 */
export async function addFromDockerSave(source: Source, store: ImageStore, name: string | undefined): Promise<StoredImage> {
  const saved = Saved.safeParse(parseJson((await textOf(source, "manifest.json")) ?? ""));
  if (!saved.success) throw new NoImage("its manifest.json is not that of docker save");
  const [image] = choose(
    saved.data.map((one) => ({ names: one.RepoTags ?? [], digest: one.Config, one })),
    name,
  );
  if (image === undefined) throw new NoImage("it has no image");
  const { Config, Layers } = image.one;
  const text = await textOf(source, Config);
  if (text === undefined) throw new BlobsMissing([Config]);
  const config = ImageConfig.safeParse(parseJson(text));
  if (!config.success) throw new NoImage(`${Config} is not the config of an image`);
  requireNamed(Config, text);
  const { os, architecture: arch, variant, rootfs } = config.data;
  const files = Layers ?? [];
  if (files.length !== rootfs.diff_ids.length)
    throw new NoImage(`it has ${files.length} layers, and its config names ${rootfs.diff_ids.length}`);
  await requireLayers(source, files);
  const layers: Descriptor[] = [];
  for (const [at, digest] of rootfs.diff_ids.entries()) layers.push(await bringLayer(source, store, files[at] ?? "", digest));
  const written = { mediaType: TYPE.config, ...(await store.write(text)) };
  const content = JSON.stringify({ schemaVersion: 2, mediaType: TYPE.manifest, config: written, layers });
  const manifest = { mediaType: TYPE.manifest, ...(await store.write(content)) };
  const platform = {
    os,
    arch,
    ...(variant === undefined ? {} : { variant }),
    manifest,
    config: written,
    layers,
    diffIds: rootfs.diff_ids,
  };
  return { schema: 1, root: manifest, index: manifest.digest, platforms: [platform] };
}

/** The file of a config is named after its digest: `<hex>.json`, `blobs/sha256/<hex>`, `sha256:<hex>`. */
function requireNamed(name: string, text: string): void {
  const hex = /(?<hex>[0-9a-f]{64})(?:\.json)?$/.exec(name)?.groups?.hex;
  const found = digestOf(text);
  if (hex !== undefined && found !== `sha256:${hex}`) throw new DigestMismatch(name, `sha256:${hex}`, found);
}

async function requireLayers(source: Source, files: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const file of files) if ((await source.part(file)) === undefined) missing.push(file);
  if (missing.length > 0) throw new BlobsMissing(missing);
}

/** Some tools save layers compressed. */
async function bringLayer(source: Source, store: ImageStore, file: string, digest: string): Promise<Descriptor> {
  const part = await source.part(file);
  if (part === undefined) throw new BlobsMissing([file]);
  const mediaType = TYPE.layer;
  const known = { digest, size: part.size };
  if (await store.has(known)) return { mediaType, ...known };
  const asItIs = part.unpacked?.digest === digest ? part.unpacked : undefined;
  const draft = asItIs ?? (await store.draft(await plainBytes(part)));
  if (draft.digest !== digest) throw new DigestMismatch(file, digest, draft.digest);
  await store.keep(draft);
  return { mediaType, digest, size: draft.size };
}
