import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

export const sha = (content: string | Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** Files by name; a link has what it leads to. */
export type Files = Readonly<Record<string, Buffer | string | { readonly link: string }>>;

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

export interface Made {
  readonly files: Files;
  readonly manifest: string;
  readonly config: string;
  readonly descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
}

const blob = (content: string | Buffer) => ({ [`blobs/sha256/${sha(content).slice(7)}`]: content });

/** The blobs of an image for one platform, with a layer for each text. */
export function anImage(texts: readonly string[], { os = "linux", architecture = "amd64" } = {}): Made {
  const layers = texts.map((text) => gzipSync(text));
  const config = JSON.stringify({ os, architecture, rootfs: { type: "layers", diff_ids: texts.map(sha) } });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: sha(config), size: config.length },
    layers: layers.map((layer) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: sha(layer),
      size: layer.length,
    })),
  });
  return {
    files: Object.assign({}, blob(config), blob(manifest), ...layers.map(blob)),
    manifest: sha(manifest),
    config: sha(config),
    descriptor: { mediaType: MANIFEST, digest: sha(manifest), size: manifest.length },
  };
}

/** An OCI layout of these descriptors, and the blobs beside them. */
export const aLayout = (manifests: readonly object[], ...blobs: readonly Files[]): Files => ({
  "oci-layout": '{"imageLayoutVersion":"1.0.0"}',
  "index.json": JSON.stringify({ schemaVersion: 2, manifests }),
  ...Object.assign({}, ...blobs),
});

/** An index as BuildKit writes it: the images, and what it says about each. */
export function anIndex(images: readonly { readonly made: Made; readonly architecture: string }[], stated?: string) {
  const statement = JSON.stringify({ stated });
  const content = JSON.stringify({
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [
      ...images.map(({ made, architecture }) => ({ ...made.descriptor, platform: { os: "linux", architecture } })),
      ...(stated === undefined
        ? []
        : [
            {
              mediaType: MANIFEST,
              digest: sha(statement),
              size: statement.length,
              platform: { os: "unknown", architecture: "unknown" },
              annotations: { "vnd.docker.reference.type": "attestation-manifest" },
            },
          ]),
    ],
  });
  const files: Files = Object.assign(
    {},
    blob(content),
    stated === undefined ? {} : blob(statement),
    ...images.map(({ made }) => made.files),
  );
  return { files, digest: sha(content), descriptor: { mediaType: INDEX, digest: sha(content), size: content.length } };
}

/** What `docker save` wrote before version 25. */
export function dockerSave(
  images: readonly { readonly texts: readonly string[]; readonly tags: readonly string[] }[],
  pack_: (layer: string) => string | Buffer = (layer) => layer,
): Files {
  const made = images.map(({ texts, tags }) => {
    const config = JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: texts.map(sha) } });
    return { texts, tags, config, name: `${sha(config).slice(7)}.json` };
  });
  const manifest = made.map(({ name, tags, texts }) => ({
    Config: name,
    RepoTags: tags,
    Layers: texts.map((text) => `${sha(text).slice(7)}/layer.tar`),
  }));
  return Object.fromEntries([
    ...made.map(({ name, config }) => [name, config] as const),
    ...made.flatMap(({ texts }) => texts.map((text) => [`${sha(text).slice(7)}/layer.tar`, pack_(text)] as const)),
    ["manifest.json", JSON.stringify(manifest)] as const,
  ]);
}

export async function tarOf(files: Files): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) {
    const header = { name, mtime: new Date(0) };
    if (typeof content === "object" && "link" in content)
      tar.entry({ ...header, type: "symlink" as const, linkname: content.link });
    else tar.entry(header, content);
  }
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

export async function writeFolder(folder: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === "object" && "link" in content) throw new TypeError("a folder of a test has no links");
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}
