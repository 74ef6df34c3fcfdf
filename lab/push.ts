import type { Blob, Bundle } from "./bundle.ts";
import type { LabRegistry } from "./registry.ts";

/** Pushes an image; existing blobs are not sent again. Returns the manifest's digest. */
export async function push(registry: LabRegistry, repository: string, tag: string, image: Bundle): Promise<string> {
  await pushManifest(registry, `${repository}:${tag}`, image.manifest, [image.zippedLayer, image.config]);
  return image.manifest.digest;
}

/** Pushes a manifest with the blobs that it lists. @param to `shop:v1` */
export async function pushManifest(
  registry: LabRegistry,
  to: string,
  { content, type }: Bundle["manifest"],
  blobs: readonly Blob[],
): Promise<void> {
  const [repository = "", tag] = to.split(":");
  await Promise.all(blobs.map((blob) => ensureBlob(registry, repository, blob)));
  const answer = await registry.call(`/v2/${repository}/manifests/${tag}`, { method: "PUT", body: content, type });
  if (answer.status !== 201) throw new Error(`registry refused ${to}: ${answer.status} ${answer.body}`);
}

async function ensureBlob(registry: LabRegistry, repository: string, { content, digest }: Blob): Promise<void> {
  const there = await registry.call(`/v2/${repository}/blobs/${digest}`, { method: "HEAD" });
  if (there.status === 200) return;
  const opened = await registry.call(`/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const { location } = opened.headers;
  if (typeof location !== "string")
    throw new Error(`registry opened no upload for ${repository}: ${opened.status} ${opened.body}`);
  const to = new URL(location, `https://${registry.server}`);
  to.searchParams.set("digest", digest);
  const put = await registry.call(`${to.pathname}${to.search}`, {
    method: "PUT",
    body: content,
    type: "application/octet-stream",
  });
  if (put.status !== 201) throw new Error(`registry refused blob ${digest} of ${repository}: ${put.status} ${put.body}`);
}
